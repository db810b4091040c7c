"""Jump labels: a letter for every place and pane."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from ovtui.tui.text import FAINT, STRONG, line
from ovtui.tui.widgets.page import Page

_LETTERS = "asdfghjklqwertyuiop"


class Jump(ModalScreen[str | None]):
    """Asks for the letter of a target."""

    def __init__(self, targets: Sequence[tuple[str, str]]) -> None:
        super().__init__(classes="dialog")
        self._targets = list(zip(_LETTERS, targets, strict=False))

    def compose(self) -> ComposeResult:
        """Yields the labels."""
        yield Page(self._lines)

    def _lines(self, width: int) -> list[Text]:
        rows = [line((letter, STRONG), f"  {name}") for letter, (name, _) in self._targets]
        return [line(("jump to", STRONG), ("  esc: close", FAINT)), line(), *rows]

    def on_key(self, event: events.Key) -> None:
        """Takes the letter; any other key stays here."""
        event.stop()
        event.prevent_default()
        found = {letter: target for letter, (_, target) in self._targets}
        self.dismiss(found.get(event.character or ""))
