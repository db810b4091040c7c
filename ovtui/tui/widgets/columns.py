"""Columns side by side in a line: how wide each is, and which ones are left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.text import Text

from ovtui.tui.text import line, shorten_middle

MARGIN = 2
"""Cells at the start of each line, for the cursor."""
_GAP = 2


@dataclass(frozen=True, slots=True)
class Column:
    """A column; where there is no room, the last ones are left out first."""

    title: str
    least: int
    """Cells below which another column is left out rather; fewer where its cells are shorter."""
    right: bool = False
    sorts: bool = True
    """Whether a list can be ordered by it."""
    grows: bool = False
    """Whether it gets what it needs before the others do, and what all leave of a wide line."""
    middle: bool = False
    """Whether long cells lose their middle: start and end tell ids and paths apart."""
    extra: bool = False
    """Whether it is left out rather than that it, or one before it, is cut."""


def needs(columns: Sequence[Column], rows: Iterable[Sequence[str | Text]]) -> list[int]:
    """Returns the cells of each column that show its title and all of these rows."""
    needed = [line(column.title).cell_len for column in columns]
    for cells in rows:
        for index, part in enumerate(cells):
            needed[index] = max(needed[index], line(part).cell_len)
    return needed


def whole(needed: Sequence[int]) -> int:
    """Returns the cells of a line in which no column is cut."""
    return MARGIN + sum(needed) + _GAP * (len(needed) - 1)


def widths(columns: Sequence[Column], needed: Sequence[int], room: int) -> list[tuple[Column, int]]:
    """Returns the columns that a line of `room` cells has, and the cells of each.

    What is left when each has its least goes to the column that grows until it has what it needs,
    then to the others evenly, none of which gets more than it needs, then again to the first one.

    Args:
        columns: of the list; the first ones matter most.
        needed: cells that each needs, as `needs` returns them.
        room: cells of the line.
    """
    least = [min(column.least, need) for column, need in zip(columns, needed, strict=True)]
    count = len(columns)
    while count > 1 and not _has_room(columns[:count], needed, least, room):
        count -= 1
    sizes, spare = least[:count], max(0, room - whole(least[:count]))
    growing = next((index for index in range(count) if columns[index].grows), None)
    lacks = [needed[index] - least[index] for index in range(count)]
    by_lack = sorted(range(count), key=lambda index: (index != growing, lacks[index]))
    for others, index in zip(range(count, 0, -1), by_lack, strict=True):
        more = min(lacks[index], spare if index == growing else spare // others)
        sizes[index] += more
        spare -= more
    if growing is not None:
        sizes[growing] += spare
    return list(zip(columns[:count], sizes, strict=True))


def _has_room(
    columns: Sequence[Column], needed: Sequence[int], least: Sequence[int], room: int
) -> bool:
    """Whether so many columns fit into a line, the last one of them as it wants to be shown."""
    cells = needed if columns[-1].extra else least
    return whole(cells[: len(columns)]) <= room


def row(shown: Sequence[tuple[Column, int]], cells: Sequence[str | Text]) -> Text:
    """Returns a line; what is too long is shortened.

    Args:
        shown: columns and their widths, as `widths` returns them.
        cells: one for each column of the list.
    """
    made = line()
    for index, ((column, width), part) in enumerate(zip(shown, cells, strict=False)):
        part = _shortened(line(part), width, column)
        blank = " " * (width - part.cell_len)
        made.append(" " * (_GAP if index else MARGIN))
        made.append_text(line(blank, part) if column.right else line(part, blank))
    return made


def _shortened(part: Text, width: int, column: Column) -> Text:
    if part.cell_len <= width:
        return part
    if column.middle:
        return line(shorten_middle(part.plain, width))
    words = part.plain
    part.truncate(width, overflow="ellipsis")
    kept = part.plain[:-1]
    if _ends_in_number(words, kept):  # half of it says another one
        return line(part[: kept.rfind(" ") + 1], "…")
    return part


def _ends_in_number(whole: str, kept: str) -> bool:
    """Whether a text is cut between two characters of a word that has digits."""
    cut = whole[len(kept) - 1 : len(kept) + 1]
    last = kept[kept.rfind(" ") + 1 :]
    return " " in kept.strip() and " " not in cut and any(map(str.isdigit, last))
