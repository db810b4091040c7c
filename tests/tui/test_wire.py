"""Only what changed is sent, and the terminal shows the same as if all were sent."""

from __future__ import annotations

import random
import re

from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from ovtui.tui.wire import Wire

_PART = re.compile(r"\x1b\[(\d+);(\d+)H|\x1b\[([\d;]*)m|([^\x1b])")
STYLES = [None, Style.parse("bold"), Style.parse("red on blue"), Style.parse("reverse")]


class Terminal:
    """As much of a terminal as is needed: cursor, colours, characters of one or two cells."""

    def __init__(self) -> None:
        self.cells: dict[tuple[int, int], tuple[str, str]] = {}

    def write(self, text: str) -> None:
        x = y = 0
        codes = ""
        for row, column, sgr, character in _PART.findall(text):
            if row:
                y, x = int(row) - 1, int(column) - 1
            elif character:
                self.cells[y, x] = character, codes
                x += 1
                if ord(character) > 0x2E80:
                    self.cells[y, x] = "", codes
                    x += 1
            else:
                codes = sgr.removeprefix("0;").removeprefix("0")

    def line(self, y: int, width: int) -> list[tuple[str, str]]:
        return [self.cells.get((y, x), (" ", "")) for x in range(width)]


def _strip(chance: random.Random, width: int) -> Strip:
    segments: list[Segment] = []
    left = width
    while left:
        text = "".join(chance.choice(["a", "b", " ", "宽"]) for _ in range(chance.randint(1, 8)))
        piece = Strip([Segment(text, chance.choice(STYLES))]).adjust_cell_length(
            min(left, Strip([Segment(text)]).cell_length)
        )
        segments += list(piece)
        left -= piece.cell_length
    return Strip(segments)


def test_terminal_shows_what_was_put() -> None:
    chance = random.Random(0)
    for _ in range(200):
        wire, kept, plain = Wire(), Terminal(), Terminal()
        for _ in range(4):
            strip = _strip(chance, 30)
            kept.write(wire.put(0, 3, strip, ColorSystem.TRUECOLOR))
            plain.write(Wire().put(0, 3, strip, ColorSystem.TRUECOLOR))
            assert kept.line(3, 30) == plain.line(3, 30)


def test_what_is_shown_already_is_not_sent() -> None:
    wire = Wire()
    strip = Strip([Segment("last event 3 s ago", STYLES[1])])
    assert "last event 3 s" in wire.put(5, 0, strip, ColorSystem.STANDARD)
    assert wire.put(5, 0, strip, ColorSystem.STANDARD) == ""
    later = Strip([Segment("last event 4 s ago", STYLES[1])])
    sent = wire.put(5, 0, later, ColorSystem.STANDARD)
    assert "4" in sent and "last" not in sent
    wire.forget()
    assert "last" in wire.put(5, 0, later, ColorSystem.STANDARD)
