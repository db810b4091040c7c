"""Parts of a whole as stacked bars: components by bytes or time, precisions by their share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from rich.text import Text

from ovtui.tui.charts import Bar, columns
from ovtui.tui.text import FAINT, REST, cell, line

_FILLS = "█▓▒░▞"
"""What parts are told by: colours are the variants'."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A variant's parts, with the exact number of their sum beside the bar."""

    name: str
    parts: Mapping[str, float]
    label: str
    style: str = ""


def stacks(rows: Sequence[Stack], width: int) -> list[Text]:
    """Draws one stacked bar for each row, all on one scale, and what each filling stands for.

    Args:
        rows: their parts have the same order; one that a row lacks takes no room.
        width: cells of a line.
    """
    names, labels, _, room = columns([Bar(row.name, None, row.label) for row in rows], width)
    parts = list(dict.fromkeys(part for row in rows for part in row.parts))
    largest = max((sum(row.parts.values()) for row in rows), default=0.0)
    if not parts or largest <= 0:
        return []
    lines = []
    for row, name, label in zip(rows, names, labels, strict=True):
        sums = list(accumulate(row.parts.get(part, 0.0) for part in parts))
        ends = [round(end / largest * room) for end in sums]
        cells = [
            (_filling(index) * (end - start), row.style)
            for index, (start, end) in enumerate(zip([0, *ends], ends, strict=False))
        ]
        rest = (REST * (room - ends[-1]), FAINT)
        lines.append(line((name, row.style), " ", *cells, rest, " ", label))
    return [*lines, *_legend(parts, len(names[0]) + 1, width)]


def _filling(index: int) -> str:
    return _FILLS[index % len(_FILLS)]


def _legend(parts: Sequence[str], margin: int, width: int) -> list[Text]:
    """Each filling with the part's name, in as many lines as that takes."""
    lines: list[Text] = []
    for index, part in enumerate(parts):
        entry = line(_filling(index), " ", (part, FAINT))
        if lines and lines[-1].cell_len + 2 + entry.cell_len <= width:
            lines[-1] = line(lines[-1], "  ", entry)
        else:
            lines.append(line(cell(" " * margin), entry))
    return lines
