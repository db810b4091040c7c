"""Stacked bars: one scale, parts in proportion, each filling named."""

from __future__ import annotations

import pytest

from ovtui.tui.stacks import Stack, stacks

ROWS = [
    Stack("A fp32", {"encoder": 40.0, "decoder": 60.0}, "100 MiB"),
    Stack("B int8", {"encoder": 10.0, "decoder": 15.0}, "25 MiB", "bright_cyan"),
]


@pytest.mark.parametrize("width", [24, 40, 76])
def test_parts_are_in_proportion_on_one_scale(width: int) -> None:
    rows = stacks(ROWS, width)
    assert all(row.cell_len <= width for row in rows)
    whole, small = (row.plain for row in rows[:2])
    room = sum(whole.count(sign) for sign in "█▓")
    assert abs(whole.count("█") - 0.4 * room) <= 1
    assert abs(sum(small.count(sign) for sign in "█▓") - 0.25 * room) <= 1
    assert whole.endswith("100 MiB") and small.endswith("25 MiB")
    assert "█ encoder" in "".join(row.plain for row in rows[2:])


def test_a_part_that_a_row_lacks_takes_no_room() -> None:
    rows = stacks([Stack("A", {"i8": 1.0}, ""), Stack("B", {"f32": 1.0}, "")], 40)
    assert "▓" not in rows[0].plain and "█" not in rows[1].plain


def test_nothing_is_drawn_of_nothing() -> None:
    assert stacks([], 40) == []
    assert stacks([Stack("A", {"i8": 0.0}, "0")], 40) == []
