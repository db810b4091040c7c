"""Asks for one of several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from ovtui.tui.text import cell
from ovtui.tui.widgets.columns import Column
from ovtui.tui.widgets.rows import Rows


class Choice(ModalScreen[str | None]):
    """A list to choose from."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "leave", "back", show=False)]

    def __init__(self, title: str, names: Sequence[tuple[str, str]]) -> None:
        super().__init__(classes="dialog")
        self._names = dict(names)
        self._rows = Rows([Column(title, 20, sorts=False)], self._cells)

    def compose(self) -> ComposeResult:
        """Yields the list."""
        yield self._rows

    def on_mount(self) -> None:
        """Fills the list."""
        self._rows.show(list(self._names))

    def _cells(self, key: str) -> Sequence[Text]:
        return [cell(self._names[key])]

    @on(Rows.Chosen)
    def _choose(self, event: Rows.Chosen) -> None:
        self.dismiss(event.key)

    def action_leave(self) -> None:
        """Chooses nothing."""
        self.dismiss(None)
