"""Asks for a line of text."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Input

from ovtui.tui.text import STRONG, wrapped
from ovtui.tui.widgets.page import Page


class Prompt(ModalScreen[str | None]):
    """A question and a field; enter takes what is typed."""

    AUTO_FOCUS = "Input"

    def __init__(self, question: str) -> None:
        super().__init__(classes="dialog prompt")
        self._question = question

    def compose(self) -> ComposeResult:
        """Yields the question and the field."""
        question = Page(lambda width: wrapped(self._question, width, STRONG))
        question.can_focus = False
        yield question
        field = Input(compact=True)
        field.cursor_blink = False
        yield field

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip() or None)

    def on_key(self, event: events.Key) -> None:
        """Takes nothing where escape ends the typing."""
        if event.key == "escape":
            event.stop()
            event.prevent_default()
            self.dismiss(None)
