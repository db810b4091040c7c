"""Asks for a line of text, such as a path, which may be chosen from files instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen
from textual.widgets import Input

from ovtui.tui import keys
from ovtui.tui.screens.pick_file import PickFile
from ovtui.tui.text import STRONG, wrapped
from ovtui.tui.widgets.page import Page


class Prompt(ModalScreen[str | None]):
    """A question and a field; enter takes what is typed, a key opens the files."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("field")]

    AUTO_FOCUS = "Input"

    def __init__(
        self, question: str, picker: Callable[[], PickFile], keymap: Mapping[str, str]
    ) -> None:
        """Makes the dialog.

        Args:
            question: of a file or folder.
            picker: makes the dialog that chooses it.
            keymap: other keys by the ids of the table.
        """
        super().__init__(classes="dialog prompt")
        self._question, self._picker = question, picker
        self._hint = keys.said("a path; {field.pick} chooses it from files", keymap)

    def compose(self) -> ComposeResult:
        """Yields the question and the field."""
        question = Page(lambda width: wrapped(self._question, width, STRONG))
        question.can_focus = False
        yield question
        field = Input(placeholder=self._hint, compact=True)
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

    def action_pick(self) -> None:
        """Opens the files."""
        self.app.push_screen(self._picker(), self._take_picked)

    def _take_picked(self, path: str | None) -> None:
        if path is not None:
            self.dismiss(path)
