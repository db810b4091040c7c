"""What the terminal shows, and the least that has to be sent to change it.

Textual sends whole regions of widgets, whether they changed or not, and often twice; over SSH that
is 20 KB for a key press, with this 1 to 6 KB.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len, get_character_cell_size
from rich.color import ColorSystem
from rich.console import Console
from textual.geometry import Size
from textual.strip import Strip

from ovtui.tui.textual_internals import (
    ChopsUpdate,
    CompositorUpdate,
    LayoutUpdate,
    colours_of,
)

_NEAR = 4
"""Changes that are nearer than this are sent as one: moving the cursor takes 7 bytes."""


class _Cell(NamedTuple):
    """A character with its colours; a wide one is followed by empty cells."""

    text: str
    codes: str


class Wire:
    """Remembers every cell that was sent."""

    def __init__(self) -> None:
        self._shown: dict[int, list[_Cell]] = {}
        self._size = Size()

    def forget(self) -> None:
        """Forgets what the terminal shows, which is something else now: all is sent next time."""
        self._shown.clear()

    def resize(self, size: Size) -> None:
        """Takes the terminal's size; one of another size shows something else."""
        if size != self._size:
            self._size = size
            self.forget()

    def changes(self, update: CompositorUpdate, size: Size) -> CompositorUpdate:
        """Returns an update that sends only what differs; one of another kind stays as it is."""
        self.resize(size)
        if isinstance(update, LayoutUpdate | ChopsUpdate):
            return _Changes(self, update)
        self.forget()
        return update

    def put(self, x: int, y: int, strip: Strip, colours: ColorSystem) -> str:
        """Takes a strip as shown from now on, and returns what has to be sent for that.

        Args:
            x: column where it begins.
            y: row.
            strip: what is to be shown.
            colours: that the terminal has.
        """
        new = _cells(strip, colours)
        line = self._shown.setdefault(y, [])
        missing = x + len(new) - len(line)
        if missing > 0:
            line += [_Cell("\0", "")] * missing
        old = line[x : x + len(new)]
        if old == new:
            return ""
        line[x : x + len(new)] = new
        return "".join(_spelled(x, y, new, *span) for span in _spans(old, new))


class _Changes(CompositorUpdate):
    """The cells of an update that differ from what is shown."""

    def __init__(self, wire: Wire, update: LayoutUpdate | ChopsUpdate) -> None:
        self._wire, self._update = wire, update

    def render_segments(self, console: Console) -> str:
        """As the terminal takes it."""
        colours = colours_of(console)
        return "".join(self._wire.put(x, y, strip, colours) for x, y, strip in self._strips())

    def _strips(self) -> Iterator[tuple[int, int, Strip]]:
        update = self._update
        if isinstance(update, LayoutUpdate):
            for y, line in enumerate(update.strips, update.region.y):
                yield update.region.x, y, Strip.join(line)
            return
        for y, first, last in update.spans:
            for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if strip is None or x > last or end <= first:
                    continue
                yield x, y, strip if end <= last else strip.crop(0, min(end, last) - x)


def _cells(strip: Strip, colours: ColorSystem) -> list[_Cell]:
    cells: list[_Cell] = []
    for text, style, control in strip:
        if not control:
            cells += _written(text, Strip.render_ansi(style, colours) if style is not None else "")
    return cells


@lru_cache(2048)  # most words come again with the next paint
def _written(text: str, codes: str) -> tuple[_Cell, ...]:
    """The cells of a text in its colours."""
    if text.isascii():
        return tuple(_Cell(character, codes) for character in text)
    widths = [get_character_cell_size(character) for character in text]
    empty = _Cell("", codes)
    if sum(widths) == cell_len(text) and 0 not in widths:
        cells: list[_Cell] = []
        for character, width in zip(text, widths, strict=True):
            cells += [_Cell(character, codes), *[empty] * (width - 1)]
        return tuple(cells)
    # Joined characters cannot be told apart.
    return (_Cell(text, codes), *[empty] * (cell_len(text) - 1))


def _spans(old: list[_Cell], new: list[_Cell]) -> Iterable[tuple[int, int]]:
    """Where the two differ, as starts and ends that cut no wide character."""
    spans: list[tuple[int, int]] = []
    for index, (before, after) in enumerate(zip(old, new, strict=True)):
        if before == after:
            continue
        start, end = index, index + 1
        while start and not new[start].text:
            start -= 1
        while end < len(new) and not new[end].text:
            end += 1
        if spans and start - spans[-1][1] < _NEAR:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def _spelled(x: int, y: int, cells: list[_Cell], start: int, end: int) -> str:
    parts = [f"\x1b[{y + 1};{x + start + 1}H"]
    codes = ""
    for cell in cells[start:end]:
        if cell.codes != codes:
            parts.append(f"\x1b[0;{cell.codes}m" if cell.codes else "\x1b[0m")
            codes = cell.codes
        parts.append(cell.text)
    return "".join([*parts, "\x1b[0m" if codes else ""])
