"""Charts as lines of text: data and size go in, lines come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from ovtui.core.text.cells import pad, shorten_apart
from ovtui.core.text.foreign import plain
from ovtui.tui.text import (
    FAINT,
    FULL,
    HIGH,
    LIMIT,
    LINE,
    LIVE,
    LOW,
    POINT,
    REST,
    VARIANTS,
    cell,
    line,
)

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NARROWEST = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A named number with its exact spelling, and a remark behind it."""

    name: str
    value: float | None
    label: str
    note: str = ""
    interval: tuple[float, float] | None = None
    brief: str = ""
    """In place of the note where there is no room for it."""
    style: str = LIVE
    """Of what is drawn."""


def letter(index: int) -> str:
    """Returns the letter that a variant has in plots and tables."""
    return _LETTERS[index % len(_LETTERS)]


def colour(index: int) -> str:
    """Returns the colour that goes with a variant's letter: letters repeat later than colours."""
    return VARIANTS[index % len(VARIANTS)]


def share_bar(share: float, width: int, style: str = LIVE) -> Text:
    """Draws one bar for a share of 1.

    Args:
        share: from 0 to 1.
        width: cells.
        style: of the part that is full.
    """
    full = min(width, max(0, round(share * width)))
    return line((FULL * full, style), (REST * (width - full), FAINT))


def bars(rows: Sequence[Bar], width: int) -> list[Text]:
    """Draws bars from zero, one line each, with exact numbers beside them."""
    names, labels, notes, room = columns(rows, width)
    largest = max((row.value for row in rows if row.value is not None), default=0.0)
    lines = []
    for row, name, label, note in zip(rows, names, labels, notes, strict=True):
        share = max(0.0, row.value or 0.0) / largest if largest > 0 else 0.0
        drawn = share_bar(share, room, row.style) if row.value is not None else cell(" " * room)
        lines.append(line((name, row.style), " ", drawn, " ", label, (note, FAINT)))
    return lines


def whiskers(
    rows: Sequence[Bar], width: int, lines_at: Sequence[tuple[float, str]] = ()
) -> list[Text]:
    """Draws points with their intervals on one axis, one line each, and the numbers of its two
    ends.

    Args:
        rows: names, points, intervals.
        width: cells of a line.
        lines_at: where a line crosses all rows, before intervals and behind points, and its style.
    """
    if not rows:
        return []
    names, labels, notes, room = columns(rows, width)
    ends = [end for row in rows for end in (row.interval or (row.value, row.value))]
    known = [end for end in (*ends, *(value for value, _ in lines_at)) if end is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    span = (high - low) or 1.0

    def place(value: float) -> int:
        return round((value - low) / span * (room - 1))

    lines = []
    for row, name, label, note in zip(rows, names, labels, notes, strict=True):
        cells = [(REST, FAINT)] * room
        if row.interval is not None:
            first, last = (place(end) for end in row.interval)
            cells[first : last + 1] = [(LINE, row.style)] * (last + 1 - first)
            cells[first], cells[last] = (LOW, row.style), (HIGH, row.style)
        for value, style in lines_at:
            cells[place(value)] = (LIMIT, style)
        if row.value is not None:
            cells[place(row.value)] = (POINT, row.style)
        drawn = line(*cells) if row.value is not None else cell(" " * room)
        lines.append(line((name, row.style), " ", drawn, " ", label, (note, FAINT)))
    left, right = (f"{end:+.4f}" if end else "0" for end in (low, high))
    axis = left + right.rjust(max(len(right) + 1, room - len(left)))
    if room < len(axis) or not known:
        return lines
    return [*lines, line(" " * (cell(names[0]).cell_len + 1), (axis, FAINT))]


def columns(rows: Sequence[Bar], width: int) -> tuple[list[str], list[str], list[str], int]:
    """Returns names, labels and notes of equal widths, and the cells that are left for a chart."""
    widest = min(max((cell(row.name).cell_len for row in rows), default=0), max(6, width // 4))
    short = shorten_apart([plain(row.name) for row in rows], widest)
    names = [pad(name, widest) for name in short]
    label_width = max((cell(row.label).cell_len for row in rows), default=0)
    labels = [pad(plain(row.label), label_width, right=True) for row in rows]
    room = width - widest - label_width - 2
    whole, brief = [row.note for row in rows], [row.brief or row.note for row in rows]
    for notes in (whole, brief, [""] * len(rows)):
        shown = [f"  {plain(note)}" if note else "" for note in notes]
        note_width = max((cell(note).cell_len for note in shown), default=0)
        if room - note_width >= _NARROWEST:
            break
    return names, labels, shown, max(1, min(60, room - note_width))
