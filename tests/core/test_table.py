from __future__ import annotations

import pytest

from ovtui.core.reports.table import Column, draw
from ovtui.core.text.cells import cell_width
from tests.support.sample_result import HOSTILE

COLUMNS = [Column("name"), Column("size", "MiB", numeric=True), Column("note")]


def test_aligned() -> None:
    table = draw(COLUMNS, [["fp32", "8.49", "baseline"], ["日本", None, "x"]], 80)
    assert table.split("\n") == [
        "name  size  note",
        "       MiB",
        "────────────────────",
        "fp32  8.49  baseline",
        "日本     –  x",
    ]


def test_text_is_shortened_before_numbers_move_below() -> None:
    rows = [["a" * 50, "123456789", "b" * 50]]
    assert draw(COLUMNS, rows, 60).split("\n")[3].split()[1] == "123456789"
    assert "…" in draw(COLUMNS, rows, 60)
    narrow = draw(COLUMNS, rows, 20).split("\n\n")
    assert [part.split()[0] for part in narrow] == ["name", "name"]


@pytest.mark.parametrize("width", [20, 60, 80])
def test_hostile_cells(width: int) -> None:
    table = draw(COLUMNS, [[text, "1", text] for text in HOSTILE], width)
    assert all(cell_width(line) <= width for line in table.split("\n"))
    assert "\x1b" not in table and "\u202e" not in table


def test_rows_of_another_length() -> None:
    with pytest.raises(ValueError):
        draw(COLUMNS, [["only one"]], 80)
