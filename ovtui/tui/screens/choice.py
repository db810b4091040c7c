"""Asks for one of some names, which are narrowed by what is typed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Input

from ovtui.tui.text import cell
from ovtui.tui.widgets.columns import Column
from ovtui.tui.widgets.rows import Rows

MOVES = {"down": 1, "up": -1, "pagedown": 10, "pageup": -10}
"""Rows that a key moves by in a list below a field."""


class Choice(ModalScreen[str | None]):
    """A field and a list to choose from; enter takes the row under the cursor."""

    AUTO_FOCUS = "Input"

    def __init__(self, title: str, names: Sequence[tuple[str, str]]) -> None:
        """Makes the dialog.

        Args:
            title: what is chosen, as in `run`.
            names: what each is called, by its key.
        """
        super().__init__(classes="dialog choice")
        self._names = dict(names)
        columns = [Column(title, 20, grows=True, sorts=False)]
        self._rows = Rows(columns, self._cells, empty=["Nothing of this name."])

    def compose(self) -> ComposeResult:
        """Yields the field and the list."""
        field = Input(placeholder="part of a name; ↑ ↓ move, enter takes it", compact=True)
        field.cursor_blink = False
        yield field
        yield self._rows

    def on_mount(self) -> None:
        """Fills the list."""
        self._rows.can_focus = False
        self._rows.show(list(self._names))

    def _cells(self, key: str) -> Sequence[Text]:
        return [cell(self._names[key])]

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        words = event.value.casefold().split()
        self._rows.show(
            [
                key
                for key, name in self._names.items()
                if all(word in name.casefold() for word in words)
            ]
        )

    @on(Input.Submitted)
    def _take(self) -> None:
        if self._rows.key is not None:
            self.dismiss(self._rows.key)

    @on(Rows.Chosen)
    def _choose(self, event: Rows.Chosen) -> None:
        self.dismiss(event.key)

    def on_key(self, event: events.Key) -> None:
        """Moves in the list while the field has the keys; escape chooses nothing."""
        if event.key == "escape":
            self.dismiss(None)
        elif event.key in MOVES:
            self._rows.action_move(MOVES[event.key])
        else:
            return
        event.stop()
        event.prevent_default()
