"""A sweep in Compare: its heat maps, in every width and in ASCII."""

from __future__ import annotations

import msgspec
import pytest
from rich.segment import Segment
from textual.color import Color

from ovtui.core.results.sweep import Setting, Sweep, SweepPoint
from ovtui.tui.pages.compared import compared
from ovtui.tui.pages.comparison import plots_page
from ovtui.tui.pages.sweep import sweeps
from ovtui.tui.text import AsciiOnly
from tests.support.sample_result import sample_result


def _points(streams: int) -> list[SweepPoint]:
    return [
        SweepPoint(
            setting=Setting(streams=count, batch=1),
            samples_per_second=1000.0 * count,
            p50_ms=1.0,
            p90_ms=2.0,
            requests=count,
            seconds=1.0,
        )
        for count in range(1, streams + 1)
    ]


def _lines(streams: int, width: int) -> list[str]:
    result = sample_result()
    variants = [
        msgspec.structs.replace(variant, sweep=Sweep(points=_points(streams)))
        for variant in result.variants[:1]
    ]
    items = compared([msgspec.structs.replace(result, variants=variants)])
    return [row.plain for row in sweeps(items, width)]


def test_a_map_stands_among_the_plots_with_the_variants_letter() -> None:
    lines = _lines(2, 100)
    assert lines[0] == "A fp32: samples a second by streams and batch"
    assert lines[1].split() == ["1", "stream", "2", "streams"]
    assert lines[2].split() == ["batch", "1", "▒", "1000", "█", "2000*"]
    assert lines[3] == "* best: 2 streams, batch 1"
    result = sample_result()
    assert not any("by streams" in row.plain for row in plots_page(compared([result]), 100))


@pytest.mark.parametrize("width", [58, 78, 118, 198])
def test_columns_that_have_no_room_stand_below(width: int) -> None:
    lines = _lines(24, width)
    assert max(map(len, lines)) <= width
    assert sum(line.count("█ 24000*") for line in lines) == 1
    titles = " ".join(line for line in lines if "streams" in line and ":" not in line)
    assert all(f"{count} streams" in titles for count in range(2, 25))


def test_shades_have_a_spelling_in_ascii() -> None:
    segments = [Segment(line) for line in _lines(3, 80)]
    spelled = AsciiOnly().apply(segments, Color(0, 0, 0))
    assert all(segment.text.isascii() for segment in spelled)
    shown = spelled[2].text.split()
    assert len({shown[index] for index in (2, 4, 6)}) == 3, "each shade differs from the others"
