"""Shows the time line of a run that is over, with a cursor that is moved along it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen

from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.timeline import Timeline, timeline, told_by
from ovtui.tui import keys
from ovtui.tui.pages import replay
from ovtui.tui.text import FAINT, STRONG, line, wrapped
from ovtui.tui.widgets.page import Page


class Replay(ModalScreen[None]):
    """A time line, read from the run's events."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("replay")]

    def __init__(self, run: Run, name: str, keymap: Mapping[str, str]) -> None:
        """A time line.

        Args:
            run: that is over.
            name: of its recipe.
            keymap: other keys by the ids of the table.
        """
        super().__init__(classes="dialog help")
        self._run, self._name, self._keymap = run, name, keymap
        self._timeline: Timeline | None = None
        self._said = "reading the events …"
        self._place = 0
        self._page = Page(self._lines)

    def compose(self) -> ComposeResult:
        """Yields the page."""
        yield self._page

    def on_mount(self) -> None:
        """Reads the events, which are many after a long run."""
        self._read()

    @work(thread=True)
    def _read(self) -> None:
        read = timeline(told_by(self._run))
        self.app.call_from_thread(self._take, read)

    def _take(self, read: Timeline | None) -> None:
        self._timeline = read
        self._said = "it ended before its engine began to work"
        self._page.redraw()

    def _lines(self, width: int) -> list[Text]:
        head = line((f"{self._name}  ", STRONG), (self._run.id, FAINT))
        if self._timeline is None:
            return [head, line(), *wrapped(self._said, width)]
        drawn = replay.page(self._timeline, self._place, width)
        return [head, line(), *drawn, line(), *wrapped(self._keys, width, FAINT)]

    @property
    def _keys(self) -> str:
        """The keys as they are set, in words."""

        def named(*ids: str) -> str:
            return " ".join(keys.name(f"replay.{id}", self._keymap) for id in ids)

        return (
            f"{named('left', 'right')} move, {named('previous', 'next')} by stage, "
            f"{named('first', 'last')} to its ends, {named('leave')} closes"
        )

    def _go(self, place: int) -> None:
        self._place = max(0, min(replay.STEPS, place))
        self._page.redraw()

    def action_step(self, places: int) -> None:
        """Moves the cursor by hundredths of the run."""
        self._go(self._place + places)

    def action_ends(self, last: bool) -> None:
        """Moves the cursor to the beginning or to the end."""
        self._go(replay.STEPS if last else 0)

    def action_stage(self, direction: int) -> None:
        """Moves the cursor to where the next stage begins, or the one before."""
        begins = replay.stage_begins(self._timeline) if self._timeline else []
        beyond = [it for it in begins if (it - self._place) * direction > 0]
        if beyond:
            self._go(min(beyond, key=lambda it: abs(it - self._place)))

    def action_leave(self) -> None:
        """Closes it."""
        self.dismiss(None)
