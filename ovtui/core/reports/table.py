"""Aligned plain-text tables that fit a width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ovtui.core.text.cells import cell_width, pad, shorten, shorten_apart
from ovtui.core.text.foreign import plain

Row = Sequence[str | None]

ABSENT = "–"
_GAP = "  "
_NARROWEST_TEXT = 8


@dataclass(frozen=True, slots=True)
class Column:
    """A column; one of numbers is right-aligned and, as a fixed one, never shortened."""

    title: str
    unit: str = ""
    """Stands under the title."""
    numeric: bool = False
    fixed: bool = False


def draw(columns: Sequence[Column], rows: Sequence[Row], width: int) -> str:
    """Draws a table of at most `width` cells.

    Columns of text are shortened first; columns that still do not fit go into another table
    below, which starts with the first column again. Cells may hold foreign text.

    Args:
        columns: the first one names the rows.
        rows: a cell per column; None is drawn as a dash.
        width: cells of the terminal.

    Raises:
        ValueError: a row has another number of cells than there are columns.
    """
    columns = [
        replace(column, title=plain(column.title), unit=plain(column.unit)) for column in columns
    ]
    cells = [
        [ABSENT if cell is None else plain(cell) for _, cell in zip(columns, row, strict=True)]
        for row in rows
    ]
    widths = _column_widths(columns, cells, width)
    parts = _parts(widths, width)
    return "\n\n".join("\n".join(_part(columns, cells, widths, part)) for part in parts)


def _column_widths(
    columns: Sequence[Column], cells: Sequence[Sequence[str]], width: int
) -> list[int]:
    widths = [
        max(map(cell_width, (column.title, column.unit, *(row[index] for row in cells))))
        for index, column in enumerate(columns)
    ]
    texts = [i for i, column in enumerate(columns) if not (column.numeric or column.fixed)]
    excess = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    for index in sorted(texts, key=lambda index: -widths[index]):
        least = max(_NARROWEST_TEXT, cell_width(columns[index].title))
        taken = max(0, min(excess, widths[index] - least))
        widths[index] -= taken
        excess -= taken
    return [min(column_width, width) for column_width in widths]


def _parts(widths: Sequence[int], width: int) -> list[list[int]]:
    """Indices of the columns of each table; every one starts with the first column."""
    parts, used = [[0]], widths[0]
    for index in range(1, len(widths)):
        needed = len(_GAP) + widths[index]
        if used + needed > width and len(parts[-1]) > 1:
            parts.append([0])
            used = widths[0]
        parts[-1].append(index)
        used += needed
    return parts


def _part(
    columns: Sequence[Column],
    cells: Sequence[Sequence[str]],
    widths: Sequence[int],
    part: Sequence[int],
) -> list[str]:
    names = shorten_apart([row[0] for row in cells], widths[0])

    def line(values: Sequence[str], name: str) -> str:
        shown = [name, *(shorten(values[index], widths[index]) for index in part[1:])]
        return _GAP.join(
            pad(text, widths[index], right=columns[index].numeric)
            for text, index in zip(shown, part, strict=True)
        ).rstrip()

    lines = [line([column.title for column in columns], columns[0].title)]
    if any(columns[index].unit for index in part):
        lines.append(line([column.unit for column in columns], columns[0].unit))
    lines.append("─" * (sum(widths[index] for index in part) + len(_GAP) * (len(part) - 1)))
    return lines + [line(row, name) for row, name in zip(cells, names, strict=True)]
