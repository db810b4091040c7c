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
    grows: bool = False
    """Whether it takes what the others leave of a wide line."""


def widths(columns: Sequence[Column], room: int) -> list[tuple[Column, int]]:
    """Returns the columns that a line of `room` cells has, and the cells of each.

    What is left when each has its least goes to the column that grows, up to its most, then to the
    others by what they want, then to the one that grows again.
    """
    room -= MARGIN
    kept = list(columns)
    while len(kept) > 1 and sum(column.least + _GAP for column in kept) > room:
        kept.pop()
    sizes = [column.least for column in kept]
    spare = max(0, room - sum(sizes) - _GAP * len(kept))
    growing = next((index for index, column in enumerate(kept) if column.grows), None)
    if growing is not None:
        more = min(spare, kept[growing].most - kept[growing].least)
        sizes[growing] += more
        spare -= more
    wanted = [column.most - size for column, size in zip(kept, sizes, strict=True)]
    share = min(1.0, spare / (sum(wanted) or 1))
    sizes = [size + int(share * more) for size, more in zip(sizes, wanted, strict=True)]
    if growing is not None:
        sizes[growing] += max(0, room - sum(sizes) - _GAP * len(kept))
    return list(zip(kept, sizes, strict=True))


def row(columns: Sequence[Column], cells: Sequence[str | Text], room: int) -> Text:
    """Returns a line of `room` cells; what is too long is shortened.

    Args:
        columns: of the list.
        cells: one for each column.
        room: cells of the line.
    """
    made = line(" " * MARGIN)
    for (column, width), part in zip(widths(columns, room), cells, strict=False):
        part = line(part)
        if part.cell_len > width:
            part.truncate(width, overflow="ellipsis")
        blank = " " * (width - part.cell_len)
        made.append_text(line(blank, part) if column.right else line(part, blank))
        made.append(" " * _GAP)
    return made
