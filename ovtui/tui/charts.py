"""Charts as lines of text: data and size go in, lines come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from ovtui.core.results.histogram import spread_over
from ovtui.core.results.speeds import Histogram
from ovtui.core.text.cells import pad, shorten_apart
from ovtui.core.text.foreign import plain
from ovtui.core.text.units import three_digits
from ovtui.tui.text import FAINT, FULL, HIGH, LIMIT, LINE, LIVE, LOW, POINT, REST, cell, line

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NARROWEST = 8
_LEVELS = "▁▂▃▅▆█"


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


def letter(index: int) -> str:
    """The letter that a variant has in plots and tables."""
    return _LETTERS[index % len(_LETTERS)]


def share_bar(share: float, width: int, style: str = LIVE) -> Text:
    """One bar for a share of 1."""
    full = min(width, max(0, round(share * width)))
    return line((FULL * full, style), (REST * (width - full), FAINT))


def bars(rows: Sequence[Bar], width: int) -> list[Text]:
    """Bars from zero, one line each, with exact numbers beside them."""
    names, labels, notes, room = _columns(rows, width)
    largest = max((row.value for row in rows if row.value is not None), default=0.0)
    lines = []
    for row, name, label, note in zip(rows, names, labels, notes, strict=True):
        share = max(0.0, row.value or 0.0) / largest if largest > 0 else 0.0
        drawn = share_bar(share, room) if row.value is not None else cell(" " * room)
        lines.append(line(name, " ", drawn, " ", label, (note, FAINT)))
    return lines


def whiskers(
    rows: Sequence[Bar], width: int, lines_at: Sequence[tuple[float, str]] = ()
) -> list[Text]:
    """Points with their intervals on one axis, one line each, and the numbers of its two ends.

    Args:
        rows: names, points, intervals.
        width: cells of a line.
        lines_at: where a line crosses all rows, before intervals and behind points, and its style.
    """
    names, labels, notes, room = _columns(rows, width)
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
            cells[first : last + 1] = [(LINE, LIVE)] * (last + 1 - first)
            cells[first], cells[last] = (LOW, LIVE), (HIGH, LIVE)
        for value, style in lines_at:
            cells[place(value)] = (LIMIT, style)
        if row.value is not None:
            cells[place(row.value)] = (POINT, LIVE)
        drawn = line(*cells) if row.value is not None else cell(" " * room)
        lines.append(line(name, " ", drawn, " ", label, (note, FAINT)))
    left, right = (f"{end:+.4f}" if end else "0" for end in (low, high))
    axis = left + right.rjust(max(len(right) + 1, room - len(left)))
    if room < len(axis):
        return lines
    return [*lines, line(" " * (cell(names[0]).cell_len + 1), (axis, FAINT))]


def spreads(rows: Sequence[Bar], found: Sequence[Histogram], width: int) -> list[Text]:
    """How the latencies of each row are spread: one line each on one axis of equal ratios.

    Args:
        rows: names, exact numbers.
        found: the histogram of each row.
        width: cells of a line.
    """
    names, labels, _, room = _columns(rows, width)
    low, high = min(it.edges_ms[0] for it in found), max(it.edges_ms[-1] for it in found)
    if not 0 < low < high:
        return []
    lines = []
    for it, name, label in zip(found, names, labels, strict=True):
        counts = spread_over(it, low, high, room)
        step = max(counts) / len(_LEVELS)
        cells = [
            (_LEVELS[min(int(count / step), len(_LEVELS) - 1)], LIVE) if count else (REST, FAINT)
            for count in counts
        ]
        lines.append(line(name, " ", *cells, " ", label))
    ends = [f"{three_digits(end)} ms" for end in (low, high)]
    axis = ends[0] + ends[1].rjust(max(0, room - len(ends[0])))
    return [*lines, line(" " * (cell(names[0]).cell_len + 1), (axis, FAINT))]


def _columns(rows: Sequence[Bar], width: int) -> tuple[list[str], list[str], list[str], int]:
    """Names, labels and notes of equal widths, and the cells that are left for the chart."""
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


def marks(names: Sequence[str], series: Sequence[Sequence[float]], width: int) -> list[Text]:
    """Values on one axis, a line of marks for each name, and the numbers of the axis's ends."""
    margin = max(map(len, names)) + 1
    room = max(2, width - margin)
    every = [value for values in series for value in values]
    low, span = min(every), (max(every) - min(every)) or 1.0
    lines = []
    for name, values in zip(names, series, strict=True):
        at = {round((value - low) / span * (room - 1)) for value in values}
        cells = [(POINT, LIVE) if x in at else (REST, FAINT) for x in range(room)]
        lines.append(line(name.ljust(margin), *cells))
    left, right = three_digits(low), three_digits(max(every))
    return [*lines, line(" " * margin, (left + right.rjust(max(0, room - len(left))), FAINT))]
