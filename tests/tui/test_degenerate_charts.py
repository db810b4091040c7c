"""Charts of too little, of equal, of missing and of extreme numbers: each as it is to look."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from rich.segment import Segment
from rich.text import Text
from textual.color import Color

from ovtui.core.results.histogram import histogram
from ovtui.core.results.speeds import Latency
from ovtui.tui import charts
from ovtui.tui.charts import Bar
from ovtui.tui.curves import curve
from ovtui.tui.ridges import Ridge, ridges
from ovtui.tui.scatter import Dot, scatter
from ovtui.tui.stacks import Stack, stacks
from ovtui.tui.text import AsciiOnly
from tests.support.kept import compare
from tests.tui.snapshot import FOLDER

CASES: dict[str, Sequence[float | None]] = {
    "no variant": [],
    "one variant": [3.0],
    "equal": [3.0, 3.0],
    "zero": [0.0, 0.0],
    "one not measured": [None, 2.0],
    "none measured": [None, None],
    "huge and tiny": [1e300, 1e-300],
    "nearly equal": [1e6, 1e6 + 1],
    "worse": [-0.5, -0.25],
    "worse and better": [-0.5, 0.25],
}


def _bars(values: Sequence[float | None], *, half: float | None = None) -> list[Bar]:
    return [
        Bar(
            name,
            value,
            "–" if value is None else f"{value:g}",
            interval=None if value is None or half is None else (value - half, value + half),
        )
        for name, value in zip(("A fp32", "B int8"), values, strict=False)
    ]


def _points(values: Sequence[float | None], width: int) -> list[Text]:
    return charts.whiskers(_bars(values), width, [(0.0, "")])


def _whiskers(values: Sequence[float | None], width: int) -> list[Text]:
    return charts.whiskers(_bars(values, half=0.5), width)


def _scatter(values: Sequence[float | None], width: int, *, higher: bool = True) -> list[Text]:
    dots = [
        Dot(letter, 1.0 + at, value, "")
        for at, (letter, value) in enumerate(zip("AB", values, strict=False))
        if value is not None
    ]
    return scatter(dots, width, 9, higher_is_better=higher)


def _one_place(values: Sequence[float | None], width: int) -> list[Text]:
    dots = [Dot(letter, 2.5, value, "") for letter in "ABC" for value in values[:1] if value]
    return scatter(dots, width, 9, higher_is_better=False)


def _stacks(values: Sequence[float | None], width: int) -> list[Text]:
    return stacks(
        [
            Stack(bar.name, {} if bar.value is None else {"encoder": bar.value}, bar.label)
            for bar in _bars([value if value is None else abs(value) for value in values])
        ],
        width,
    )


def _curve(values: Sequence[float | None], width: int) -> list[Text]:
    return curve(values, width, 2)


CHARTS: dict[str, Callable[[Sequence[float | None], int], list[Text]]] = {
    "bars": lambda values, width: charts.bars(_bars(values), width),
    "points": _points,
    "whiskers": _whiskers,
    "scatter": _scatter,
    "scatter-one-place": _one_place,
    "stacks": _stacks,
    "curve": _curve,
}


def _ascii(text: str) -> str:
    segments = AsciiOnly().apply([Segment(text)], Color(0, 0, 0))
    return "".join(segment.text for segment in segments)


def _kept(name: str, drawn: dict[str, list[Text]], width: int) -> str:
    """Returns what is kept of a chart at a width: each case under its name, then in ASCII."""
    lines = [f"{name}, {width} cells"]
    for case, rows in drawn.items():
        texts = [row.plain for row in rows]
        assert all(row.cell_len <= width for row in rows), case
        spelled = [_ascii(text) for text in texts]
        assert all(text.isascii() for text in spelled), case
        lines += ["", f"{case}:", *(f"|{text}|" for text in texts)]
        if width == 60:
            lines += ["", f"{case}, ASCII:", *(f"|{text}|" for text in spelled)]
    return "\n".join([*lines, ""])


@pytest.mark.parametrize("width", [20, 60])
@pytest.mark.parametrize("chart", CHARTS)
def test_degenerate_numbers_have_their_picture(chart: str, width: int) -> None:
    drawn = {case: CHARTS[chart](values, width) for case, values in CASES.items()}
    compare(_kept(chart, drawn, width), FOLDER / f"degenerate-{chart}-{width}.txt")


def _latency(values: Sequence[float]) -> Latency:
    ordered = sorted(values)
    return Latency(
        p50_ms=ordered[len(ordered) // 2],
        mean_ms=sum(ordered) / len(ordered),
        min_ms=ordered[0],
        p90_ms=ordered[int(len(ordered) * 0.9)],
        p99_ms=ordered[int(len(ordered) * 0.99)],
        count=len(ordered),
        ci95_p50_ms=None,
        histogram=histogram(ordered),
    )


LATENCIES: dict[str, list[list[float]]] = {
    "no variant": [],
    "one request": [[2.0]],
    "two requests": [[2.0, 3.0]],
    "all equal": [[2.0] * 50],
    "all equal beside others": [[2.0] * 50, [1.0 + 0.01 * at for at in range(50)]],
    "far apart": [[1e-6 * (1 + at) for at in range(50)], [1e6 + at for at in range(50)]],
}


@pytest.mark.parametrize("width", [20, 60])
def test_degenerate_latencies_have_their_picture(width: int) -> None:
    drawn = {
        case: ridges([Ridge("AB"[at], _latency(it), "") for at, it in enumerate(many)], width)
        for case, many in LATENCIES.items()
    }
    compare(_kept("ridges", drawn, width), FOLDER / f"degenerate-ridges-{width}.txt")
