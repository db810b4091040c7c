"""Columns side by side in a line: how wide each is, and which ones are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from ovtui.tui.text import line

MARGIN = 2
"""Cells at the start of each line, for the cursor."""
_GAP = 2


@dataclass(frozen=True, slots=True)
class Column:
    """A column; where there is no room, the last ones are left out first."""

    title: str
    least: int
    most: int
    right: bool = False
    sorts: bool = True
    """Whether a list can be ordered by it."""


def widths(columns: Sequence[Column], room: int) -> list[tuple[Column, int]]:
    """The columns that a line of `room` cells has, and the cells of each."""
    room -= MARGIN
    kept = list(columns)
    while len(kept) > 1 and sum(column.least + _GAP for column in kept) > room:
        kept.pop()
    spare = max(0, room - sum(column.least + _GAP for column in kept))
    wanted = sum(column.most - column.least for column in kept) or 1
    share = min(1.0, spare / wanted)
    return [(column, column.least + int(share * (column.most - column.least))) for column in kept]


def row(columns: Sequence[Column], cells: Sequence[str | Text], room: int) -> Text:
    """A line of `room` cells; what is too long is shortened."""
    made = line(" " * MARGIN)
    for (column, width), part in zip(widths(columns, room), cells, strict=False):
        part = line(part)
        if part.cell_len > width:
            part.truncate(width, overflow="ellipsis")
        blank = " " * (width - part.cell_len)
        made.append_text(line(blank, part) if column.right else line(part, blank))
        made.append(" " * _GAP)
    return made
