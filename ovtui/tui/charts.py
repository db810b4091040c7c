"""Charts as lines of text: data and size go in, lines come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from rich.text import Text

from ovtui.core.histogram import spread_over
from ovtui.core.result import Histogram
from ovtui.core.text import pad, plain, shorten_apart, three_digits
from ovtui.tui.text import FAINT, FULL, HIGH, LIMIT, LINE, LIVE, LOW, POINT, REST, cell, line

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NARROWEST = 8
_LEVELS = "▁▂▃▅▆█"


@dataclass(frozen=True, slots=True)
class Bar:
    """A named number with its exact spelling, and a remark behind it."""

    name: str
    value: float | None
    label: str
    note: str = ""
    interval: tuple[float, float] | None = None
    brief: str = ""
    """In place of the note where there is no room for it."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A variant in the scatter: its letter, latency in milliseconds, metric, exact spelling."""

    letter: str
    x: float
    y: float
    label: str


def letter(index: int) -> str:
    """The letter that a variant has in plots and tables."""
    return _LETTERS[index % len(_LETTERS)]


def share_bar(share: float, width: int, style: str = LIVE) -> Text:
    """One bar for a share of 1."""
    full = min(width, max(0, round(share * width)))
    return line((FULL * full, style), (REST * (width - full), FAINT))


def bars(rows: Sequence[Bar], width: int) -> list[Text]:
    """Bars from zero, one line each, with exact numbers beside them."""
    names, labels, notes, room = _columns(rows, width)
    largest = max((row.value for row in rows if row.value is not None), default=0.0)
    lines = []
    for row, name, label, note in zip(rows, names, labels, notes, strict=True):
        share = max(0.0, row.value or 0.0) / largest if largest > 0 else 0.0
        drawn = share_bar(share, room) if row.value is not None else cell(" " * room)
        lines.append(line(name, " ", drawn, " ", label, (note, FAINT)))
    return lines


def whiskers(
    rows: Sequence[Bar], width: int, lines_at: Sequence[tuple[float, str]] = ()
) -> list[Text]:
    """Points with their intervals on one axis, one line each, and the numbers of its two ends.

    Args:
        rows: names, points, intervals.
        width: cells of a line.
        lines_at: where a line crosses all rows, before intervals and behind points, and its style.
    """
    names, labels, notes, room = _columns(rows, width)
    ends = [end for row in rows for end in (row.interval or (row.value, row.value))]
    known = [end for end in (*ends, *(value for value, _ in lines_at)) if end is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    span = (high - low) or 1.0

    def place(value: float) -> int:
        return round((value - low) / span * (room - 1))

    lines = []
    for row, name, label, note in zip(rows, names, labels, notes, strict=True):
        cells = [(REST, FAINT)] * room
        if row.interval is not None:
            first, last = (place(end) for end in row.interval)
            cells[first : last + 1] = [(LINE, LIVE)] * (last + 1 - first)
            cells[first], cells[last] = (LOW, LIVE), (HIGH, LIVE)
        for value, style in lines_at:
            cells[place(value)] = (LIMIT, style)
        if row.value is not None:
            cells[place(row.value)] = (POINT, LIVE)
        drawn = line(*cells) if row.value is not None else cell(" " * room)
        lines.append(line(name, " ", drawn, " ", label, (note, FAINT)))
    left, right = (f"{end:+.4f}" if end else "0" for end in (low, high))
    axis = left + right.rjust(max(len(right) + 1, room - len(left)))
    if room < len(axis):
        return lines
    return [*lines, line(" " * (cell(names[0]).cell_len + 1), (axis, FAINT))]


def spreads(rows: Sequence[Bar], found: Sequence[Histogram], width: int) -> list[Text]:
    """How the latencies of each row are spread: one line each on one axis of equal ratios.

    Args:
        rows: names, exact numbers.
        found: the histogram of each row.
        width: cells of a line.
    """
    names, labels, _, room = _columns(rows, width)
    low, high = min(it.edges_ms[0] for it in found), max(it.edges_ms[-1] for it in found)
    if not 0 < low < high:
        return []
    lines = []
    for it, name, label in zip(found, names, labels, strict=True):
        counts = spread_over(it, low, high, room)
        step = max(counts) / len(_LEVELS)
        cells = [
            (_LEVELS[min(int(count / step), len(_LEVELS) - 1)], LIVE) if count else (REST, FAINT)
            for count in counts
        ]
        lines.append(line(name, " ", *cells, " ", label))
    ends = [f"{three_digits(end)} ms" for end in (low, high)]
    axis = ends[0] + ends[1].rjust(max(0, room - len(ends[0])))
    return [*lines, line(" " * (cell(names[0]).cell_len + 1), (axis, FAINT))]


def _columns(rows: Sequence[Bar], width: int) -> tuple[list[str], list[str], list[str], int]:
    """Names, labels and notes of equal widths, and the cells that are left for the chart."""
    widest = min(max((cell(row.name).cell_len for row in rows), default=0), max(6, width // 4))
    short = shorten_apart([plain(row.name) for row in rows], widest)
    names = [pad(name, widest) for name in short]
    label_width = max((cell(row.label).cell_len for row in rows), default=0)
    labels = [pad(plain(row.label), label_width, right=True) for row in rows]
    room = width - widest - label_width - 2
    whole, brief = [row.note for row in rows], [row.brief or row.note for row in rows]
    for notes in (whole, brief, [""] * len(rows)):
        shown = [f"  {plain(note)}" if note else "" for note in notes]
        note_width = max((cell(note).cell_len for note in shown), default=0)
        if room - note_width >= _NARROWEST:
            break
    return names, labels, shown, max(1, min(60, room - note_width))


def scatter(
    dots: Sequence[Dot], width: int, height: int, *, higher_is_better: bool, unicode: bool
) -> list[Text]:
    """The metric against latency, dots named by letter, with the Pareto front as a line."""
    if not dots:
        return [line(("nothing was measured", FAINT))]
    plot = _plot(width, height)
    front = on_front(dots, higher_is_better)
    joined = [dots[index] for index in front]
    marker = "braille" if unicode else "."
    if len(joined) > 1:
        plot.plot([d.x for d in joined], [d.y for d in joined], marker=marker, color="blue")
    for dot in dots:
        plot.scatter([dot.x], [dot.y], marker=dot.letter, color="cyan+")
    _margins(plot, dots)
    if not higher_is_better:
        plot.yreverse(True)  # up is better
    return _built(plot)


def on_front(dots: Sequence[Dot], higher_is_better: bool) -> list[int]:
    """Indices of the dots on the Pareto front, the fastest first."""
    from ovtui.core.pareto import Point, pareto_front  # 15 ms that only a plot costs

    sign = 1 if higher_is_better else -1
    points = (Point(str(index), dot.x, sign * dot.y) for index, dot in enumerate(dots))
    return [int(name) for name in pareto_front(points)]


def marks(
    names: Sequence[str], series: Sequence[Sequence[float]], width: int, *, unicode: bool
) -> list[Text]:
    """Values across, a row of marks for each name."""
    plot = _plot(width, 2 * len(series) + 4)
    rows = [len(series) - index for index in range(len(series))]
    for row, values in zip(rows, series, strict=True):
        marker = "•" if unicode else "o"
        plot.scatter(list(values), [row] * len(values), marker=marker, color="cyan+")
    plot.ylim(0.5, len(series) + 0.5)
    plot.yticks(rows, list(names))
    return _built(plot)


def _plot(width: int, height: int) -> ModuleType:
    import plotext  # 60 ms that only a plot costs

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plotsize(max(20, width), max(6, height))
    return plotext  # type: ignore[no-any-return]


def _margins(plot: ModuleType, dots: Sequence[Dot]) -> None:
    """Room around the dots, so that none hides in a corner."""
    for limits, values in (
        (plot.xlim, [dot.x for dot in dots]),
        (plot.ylim, [dot.y for dot in dots]),
    ):
        low, high = min(values), max(values)
        margin = 0.1 * (high - low) or 0.05 * abs(high) or 1.0
        limits(low - margin, high + margin)


def _built(plot: ModuleType) -> list[Text]:
    built = Text.from_ansi(plot.build(), no_wrap=True, end="")
    return list(built.split("\n"))
