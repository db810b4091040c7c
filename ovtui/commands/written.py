"""What models have written so far, on standard error: a line that changes, or one now and then."""

from __future__ import annotations

import sys
import time

from ovtui.commands.output import in_lines, say, width
from ovtui.core.asking.session import Writes
from ovtui.core.text.cells import cell_width
from ovtui.core.text.foreign import plain

_PLAIN_SECONDS = 10.0
"""Between two lines where no line can change."""


class Written:
    """Shows a text while it is written: its end, which tells that it goes on."""

    def __init__(self) -> None:
        self._in_lines = in_lines()
        self._told_at = time.monotonic()

    def show(self, writes: Writes) -> None:
        """Shows what a variant has written so far."""
        if not self._in_lines:
            print(f"\r\x1b[K{_in_short(writes, width() - 1)}", end="", file=sys.stderr, flush=True)
        elif writes.text and time.monotonic() - self._told_at > _PLAIN_SECONDS:
            say(_in_short(writes, width()))
            self._told_at = time.monotonic()

    def end(self) -> None:
        """Takes the line that changes away."""
        if not self._in_lines:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _in_short(writes: Writes, room: int) -> str:
    """The variant, what it has heard, and the end of its text, in `room` cells."""
    pieces = f", {writes.pieces} pieces done" if writes.pieces > 1 else ""
    head = f"{plain(writes.variant)}{pieces}: "
    text = plain(writes.text) or "loads, then answers …"
    if cell_width(head) + cell_width(text) <= room:
        return head + text
    while text and cell_width(head) + 1 + cell_width(text) > room:
        text = text[max(1, (cell_width(head) + cell_width(text) - room) // 2) :]
    return f"{head}…{text}"
