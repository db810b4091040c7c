"""Charts: data and size in, lines out."""

from __future__ import annotations

import pytest

from ovtui.tui import charts
from ovtui.tui.charts import Bar

ROWS = [
    Bar("fp32", 8.0, "8.00", interval=(7.0, 9.0)),
    Bar("int8", 2.0, "2.00", "4.00× smaller", (1.5, 2.5)),
    Bar("gone", None, "–"),
]


@pytest.mark.parametrize("width", [20, 40, 58, 80, 200])
@pytest.mark.parametrize("chart", [charts.bars, charts.whiskers])
def test_lines_fit_and_tell_exact_numbers(chart: object, width: int) -> None:
    lines = chart(ROWS, width)  # type: ignore[operator]
    assert [line.plain.split()[0] for line in lines[:3]] == ["fp32", "int8", "gone"]
    assert all(line.cell_len <= width for line in lines)
    assert "8.00" in lines[0].plain and "2.00" in lines[1].plain


def test_bars_are_proportional() -> None:
    long, short, none = (line.plain.count("▇") for line in charts.bars(ROWS, 80))
    assert abs(long - 4 * short) <= 2 and none == 0


def test_whiskers_show_point_interval_and_limit() -> None:
    row, axis = charts.whiskers(ROWS[:1], 60, [(5.0, "")])
    text = row.plain
    assert text.index("┊") < text.index("├") < text.index("●") < text.index("┤")
    assert "+5.0000" in axis.plain and axis.plain.endswith("+9.0000")


def test_a_limit_is_seen_within_an_interval() -> None:
    text = charts.whiskers(ROWS[:1], 60, [(7.5, "")])[0].plain
    assert text.index("├") < text.index("┊") < text.index("●")
