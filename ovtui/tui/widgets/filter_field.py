"""The field in which a list's filter is typed."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Static


class FilterField(Horizontal):
    """A slash, and the words behind it.

    Args:
        words: that it begins with.
    """

    def __init__(self, words: str) -> None:
        super().__init__(id="filter")
        self._input = Input(words, placeholder="words that a row has", compact=True)
        self._input.cursor_blink = False

    def compose(self) -> ComposeResult:
        """Yields the slash and the field."""
        yield Static("/")
        yield self._input

    def on_mount(self) -> None:
        """Takes the keys."""
        self._input.focus()

    async def take(self, typed: str) -> None:
        """Takes a line that was typed before the field had the keys; its end keeps the filter."""
        words, enter, _ = typed.partition("\n")
        self._input.insert_text_at_cursor(words)
        if enter:
            await self._input.action_submit()
