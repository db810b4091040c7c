"""A form: a heading, rows, a field for the value of one, notes on the row, and the keys."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar

from rich.text import Text
from textual import events, getters, on
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Input

from ovtui.tui import keys
from ovtui.tui.widgets.columns import Column
from ovtui.tui.widgets.page import Page
from ovtui.tui.widgets.rows import Rows
from ovtui.tui.widgets.strip import KeyLine, Word

if TYPE_CHECKING:
    from ovtui.tui.app import Dashboard

R = TypeVar("R")


class Form(Screen[R]):
    """What all forms share; the field is seen while something is typed into it."""

    AUTO_FOCUS = "Rows"
    SECTIONS: ClassVar[Sequence[str]]
    """Of the table of keys: those of the last line."""
    HELP_SECTIONS: ClassVar[Sequence[str]]
    """Of the table of keys: those that the help shows."""
    PLACEHOLDER: ClassVar[str] = ""
    """What an empty field says."""

    input = getters.query_one("#value", Input)
    heading = getters.query_one("#heading", Page)
    notes = getters.query_one("#notes", Page)
    key_line = getters.query_one(KeyLine)

    def __init__(self, columns: Sequence[Column], empty: Sequence[str] = ()) -> None:
        """Makes a form.

        Args:
            columns: of its rows.
            empty: lines in place of rows where there are none.
        """
        super().__init__()
        self._rows = Rows(columns, self._cells, empty=empty)

    @property
    def dashboard(self) -> Dashboard:
        """The application."""
        return self.app  # type: ignore[return-value]

    @abstractmethod
    def _cells(self, key: str) -> Sequence[Text]:
        """The cells of a row."""

    @abstractmethod
    def _heading(self, width: int) -> list[Text]:
        """The lines above the rows."""

    @abstractmethod
    def _lines(self, width: int) -> list[Text]:
        """What is said of the row under the cursor."""

    @abstractmethod
    def begin(self) -> None:
        """Fills the form."""

    def compose(self) -> ComposeResult:
        """Yields heading, rows, field, notes, keys."""
        yield Page(self._heading, id="heading")
        yield self._rows
        yield Input(id="value", compact=True, placeholder=self.dashboard.said(self.PLACEHOLDER))
        yield Page(self._lines, id="notes")
        yield KeyLine()

    def on_mount(self) -> None:
        """Fills what never changes, then the form; what was told before would hide its notes."""
        self.app.clear_notifications()
        self.input.cursor_blink = False
        self.notes.can_focus = self.heading.can_focus = False
        shown = keys.footer(self.SECTIONS, self.dashboard.keymap)
        self.key_line.show([Word(key.id, text) for key, text in shown])
        self.begin()

    @on(Rows.Highlighted)
    def _tell_of_row(self) -> None:
        self.notes.refresh(layout=True)
        self.notes.redraw()

    def redraw_page(self, page: Page) -> None:
        """Draws a page anew, as high as it is now."""
        page.refresh(layout=True)
        self.call_after_refresh(page.redraw)

    def type_into(self, text: str, placeholder: str = "") -> None:
        """Has a value typed.

        Args:
            text: that the field begins with.
            placeholder: said while it is empty; the form's own where there is none.
        """
        self.add_class("-typing")
        self.input.value = text
        self.input.placeholder = placeholder or self.dashboard.said(self.PLACEHOLDER)
        self.set_focus(self.input)

    def stop_typing(self) -> None:
        """Gives the keys back to the rows."""
        self.remove_class("-typing")
        self.set_focus(self._rows)

    def leave_field(self) -> None:
        """Ends the typing without a value."""
        self.stop_typing()

    def on_key(self, event: events.Key) -> None:
        """Ends the typing at escape."""
        if event.key == "escape" and self.has_class("-typing"):
            event.stop()
            event.prevent_default()
            self.leave_field()
