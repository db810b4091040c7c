"""Values over time as curves of braille dots, two by four in each cell."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from ovtui.tui.text import line

_BLANK = 0x2800
_DOTS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""Bits of a cell's left and right column, from below; Unicode 15, chapter 21.1."""


def curve(
    values: Sequence[float | None],
    width: int,
    height: int = 1,
    *,
    style: str = "",
    bounds: tuple[float, float] | None = None,
) -> list[Text]:
    """Draws values over time as a filled curve.

    Args:
        values: at equal distances in time; None where nothing is known. More than there are
            columns of dots are thinned out: each column shows the largest of its values.
        width: cells of a line; a cell has two columns of dots.
        height: lines; a line has four dots.
        style: of all cells.
        bounds: values at the bottom and at the top; from 0 to the largest where absent.

    Returns:
        The lines from above. A value at the bottom has one dot, so that it is seen.
    """
    columns = _thinned(values, 2 * width)
    known = [value for value in columns if value is not None]
    low, high = bounds or (0.0, max(known, default=0.0))
    span, dots = (high - low) or 1.0, 4 * height
    tops = [
        0 if value is None else 1 + round(min(1.0, max(0.0, (value - low) / span)) * (dots - 1))
        for value in columns
    ]
    tops += [0] * (2 * width - len(tops))
    return [
        line(("".join(_cell(tops[2 * x : 2 * x + 2], row) for x in range(width)), style))
        for row in reversed(range(height))
    ]


def _cell(tops: Sequence[int], row: int) -> str:
    """One cell: in each column the dots below its top."""
    bits = 0
    for column, top in zip(_DOTS, tops, strict=True):
        for bit in column[: max(0, top - 4 * row)]:
            bits |= bit
    return chr(_BLANK + bits)


def _thinned(values: Sequence[float | None], columns: int) -> list[float | None]:
    """At most so many values, each the largest of those that it stands for."""
    if len(values) <= columns:
        return list(values)
    edges = [len(values) * number // columns for number in range(columns + 1)]
    parts = [values[start:end] for start, end in zip(edges, edges[1:], strict=False)]
    return [max((it for it in part if it is not None), default=None) for part in parts]
