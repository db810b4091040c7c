"""Asks for a file or folder: folders are gone into, what is typed narrows them or is a path."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Input

from ovtui.core.text.cells import shorten
from ovtui.core.text.errors import reason
from ovtui.core.text.units import human_bytes
from ovtui.tui.screens.choice import MOVES
from ovtui.tui.text import BAD, FAINT, STRONG, cell, line, shorten_middle
from ovtui.tui.widgets.columns import Column
from ovtui.tui.widgets.page import Page
from ovtui.tui.widgets.rows import Rows

_UP, _HERE = "..", "."
_MOST = 5000


class PickFile(ModalScreen[str | None]):
    """Earlier choices and a folder's entries; enter goes into a folder, or takes what is there."""

    AUTO_FOCUS = "Input"

    def __init__(
        self,
        what: str,
        begin: Path,
        endings: Sequence[str] = (),
        *,
        earlier: Sequence[str] = (),
        folders: bool = False,
    ) -> None:
        """Makes the dialog.

        Args:
            what: is looked for, as in `image`.
            begin: the folder that is shown first.
            endings: of the names that are shown first; all others come after them.
            earlier: paths that were chosen before.
            folders: may be taken as well as files.
        """
        super().__init__(classes="dialog picker")
        self._what, self._endings = what, tuple(endings)
        self._begin = self._folder = begin
        self._earlier = [path for path in earlier if Path(path).exists()]
        self._folders = folders
        self._problem = ""
        """Why the folder that was to be shown is not."""
        self._entries: dict[str, os.DirEntry[str] | None] = {}
        columns = (
            Column("name", 24, grows=True, sorts=False, middle=True),
            Column("size", 9, right=True, sorts=False),
        )
        self._rows = Rows(columns, self._cells, empty=["Nothing of this name."], id="entries")
        self._heading = Page(self._lines, id="heading")

    def compose(self) -> ComposeResult:
        """Yields the folder's name, the field, the entries."""
        yield self._heading
        field = Input(placeholder="part of a name, or a path", compact=True)
        field.cursor_blink = False
        yield field
        yield self._rows

    def on_mount(self) -> None:
        """Shows the first folder."""
        self._heading.can_focus = False
        self._rows.can_focus = False
        self._go(self._folder)

    def _lines(self, width: int) -> list[Text]:
        keys = "enter takes it or goes into it, ⌫ goes up, esc closes"
        below = (self._problem, BAD) if self._problem else (keys, FAINT)
        return [
            line(
                (f"{self._what}  ", FAINT), (shorten_middle(str(self._folder), width - 12), STRONG)
            ),
            line((shorten(below[0], width), below[1])),
        ]

    def _go(self, folder: Path) -> None:
        try:
            with os.scandir(folder) as entries:
                listed = sorted(
                    (it for _, it in zip(range(_MOST), entries, strict=False)), key=self._order
                )
        except OSError as error:
            self._problem = f"{folder.name}/: {reason(error).lower()}"
            self._heading.redraw()
            return
        self._folder, self._problem = folder, ""
        shown = {entry.name: entry for entry in listed if not entry.name.startswith(".")}
        earlier = self._earlier if folder == self._begin else []
        places = [_HERE, _UP] if self._folders else [_UP]
        self._entries = {**dict.fromkeys([*earlier, *places]), **shown}
        self._heading.redraw()
        self._narrow("")

    def _order(self, entry: os.DirEntry[str]) -> tuple[bool, bool, str]:
        """Folders, then what is looked for, then all else, each by name."""
        wanted = not self._endings or entry.name.casefold().endswith(self._endings)
        return not _is_folder(entry), not wanted, entry.name.casefold()

    def _narrow(self, text: str) -> None:
        words = text.casefold().split()
        names = [
            entry for entry in self._entries if all(word in entry.casefold() for word in words)
        ]
        entries = [name for name in names if name not in (_UP, _HERE)]
        self._rows.show(entries if words else names)

    def _cells(self, key: str) -> Sequence[Text]:
        entry = self._entries.get(key)
        if key in self._earlier:
            return [line(("earlier  ", FAINT), key), cell("")]
        if key == _HERE:
            return [line(("./", STRONG), ("  this folder", FAINT)), cell("")]
        if entry is None or _is_folder(entry):
            return [line((f"{key}/", STRONG)), cell("")]
        try:
            size = human_bytes(entry.stat().st_size)
        except OSError:
            size = ""
        return [cell(key), cell(size)]

    @on(Input.Changed)
    def _follow(self, event: Input.Changed) -> None:
        """Narrows the list; a path leads to its folder."""
        typed = event.value
        if "/" in typed:
            path = self._path(typed)
            folder = path if typed.endswith("/") else path.parent
            if folder != self._folder and folder.is_dir():
                self._go(folder)
            self._narrow("" if typed.endswith("/") else path.name)
        else:
            self._narrow(typed)

    def _path(self, typed: str) -> Path:
        return (self._folder / Path(typed).expanduser()).absolute()

    @on(Input.Submitted)
    def _take_typed(self, event: Input.Submitted) -> None:
        if "/" in event.value and (path := self._path(event.value)).is_file():
            self.dismiss(str(path))
        elif self._rows.key is not None:
            self._take(self._rows.key)

    @on(Rows.Chosen)
    def _take_row(self, event: Rows.Chosen) -> None:
        self._take(event.key)

    def _take(self, key: str) -> None:
        entry = self._entries.get(key)
        if key in self._earlier:
            self.dismiss(key)
        elif key == _HERE:
            self.dismiss(str(self._folder))
        elif entry is None or _is_folder(entry):
            self.query_one(Input).value = ""
            self._go(self._folder.parent if entry is None else self._folder / key)
        else:
            self.dismiss(str(self._folder / key))

    def on_key(self, event: events.Key) -> None:
        """Moves in the list while the field has the keys."""
        field = self.query_one(Input)
        if event.key == "escape":
            self.dismiss(None)
        elif event.key in MOVES:
            self._rows.action_move(MOVES[event.key])
        elif event.key == "backspace" and not field.value:
            self._go(self._folder.parent)
        else:
            return
        event.stop()
        event.prevent_default()


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
