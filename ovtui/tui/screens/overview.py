"""Overview: what goes on and what ended last, the machine, and what to do next."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.binding import BindingType

from ovtui.tui import keys
from ovtui.tui.screens.place import Place
from ovtui.tui.text import STRONG, cell, line, model_name, wrapped
from ovtui.tui.widgets.columns import Column
from ovtui.tui.widgets.page import Page
from ovtui.tui.widgets.pane import Pane
from ovtui.tui.widgets.rows import Rows

# The frame is painted before what fills it is imported; functions import the rest.
if TYPE_CHECKING:
    from ovtui.tui.run_index import Look, RunFacts

_COLUMNS = (
    Column("run", 18),
    Column("state", 11),
    Column("progress / result", 26, grows=True),
    Column("model", 8, middle=True),
    Column("started", 7, sorts=False),
)
_DEMO = "mobilenetv2-digits"
_MOST = 30
"""Runs that are listed: the living ones and those that ended last."""


class Overview(Place):
    """The place where one begins."""

    PLACE = "overview"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("overview")]

    def panes(self) -> Sequence[Pane]:
        """Returns the runs and the machine."""
        self._cache_bytes: int | None = None
        demo = self.dashboard.said("{overview.demo} runs the demo, " + _DEMO)
        empty = ["No runs yet.", "", demo and f"{demo}: about a minute, no network."]
        self._rows = Rows(_COLUMNS, self._cells, empty=empty, id="overview")
        self._page = Page()
        return [Pane("Now", self._rows), Pane("Machine", self._page)]

    def take_up(self) -> None:
        """Fills both."""
        self.redraw_rows()
        self._rows.redraw()
        self._page.show(self._lines)
        self._count_cache()

    def look(self, look: Look) -> None:
        """Renews what changed, and the curves of what works."""
        if look.listed or look.changed:
            self.redraw_rows()
        alive = {facts.id for facts in self.dashboard.index.alive}
        for id in look.changed | alive:
            self._rows.redraw_row(id)
        if look.listed or look.changed or alive:
            self._page.redraw()

    def redraw_rows(self) -> None:
        """Lists the living runs first, then those that ended last."""
        index = self.dashboard.index
        newest = [index.facts(id) for id in index.ids[:_MOST]]
        ordered = sorted(newest, key=lambda facts: not facts.alive)
        self.show_rows({facts.id: (facts.id, facts.name, facts.model) for facts in ordered})

    def _cells(self, key: str) -> Sequence[Text]:
        from ovtui.tui.pages import run as run_page

        index = self.dashboard.index
        facts = index.facts(key)
        progress = index.progress(key) if facts.alive else None
        result = None if facts.alive else index.result_or_none(key)
        whole = index.course(key, time.time()) if facts.alive else None
        return [
            cell(facts.name),
            run_page.sign(facts).text,
            run_page.news(facts, progress, result, whole),
            cell(model_name(facts.model)),
            cell(run_page.started(facts.created, datetime.now().astimezone())),
        ]

    @work(thread=True, exclusive=True, group="cache")
    def _count_cache(self) -> None:
        from ovtui.core.home import directories
        from ovtui.tui.pages.machine import folder_bytes

        self._cache_bytes = folder_bytes(directories.home() / "cache")
        self.app.call_from_thread(self._page.redraw)

    def _lines(self, width: int) -> list[Text]:
        from ovtui.core.machine import devices
        from ovtui.tui.pages import machine
        from ovtui.tui.pages.resources import curves

        index, now = self.dashboard.index, time.time()
        lines: list[Text] = []
        for facts in index.alive:
            drawn = curves(index.progress(facts.id), width, now)
            if drawn:
                lines += [line((facts.name, STRONG)), *drawn, line()]
        asks = self.dashboard.said("{place.devices} asks OpenVINO")
        if lines:  # else the pane's title says it
            lines.append(line(("Machine", STRONG)))
        lines += machine.page(devices.cached(), self._cache_bytes, asks, width)
        lines += [line(), line(("Next", STRONG))]
        for text in self._next():
            lines += wrapped(text, width, lead="  ")
        return lines

    def _next(self) -> list[str]:
        """What a person may want to do now, each with its key."""
        from ovtui.core.runs.run_folder import State

        index = self.dashboard.index
        newest = [index.facts(id) for id in index.ids[:_MOST]]
        if not newest:
            return self._hints(
                "{overview.demo}  the demo, " + _DEMO + ": about a minute, no network",
                "{place.models}  models: {models.run} on one finds or writes a recipe for it",
                "{place.recipes}  recipes, those first that need no network",
            )
        lines = [*self._hints("{list.open}  the run under the cursor"), *self._of_failed(newest)]
        if any(facts.state is State.DONE for facts in newest):
            lines += self._hints(
                "{place.compare}  compare the newest",
                "{place.samples}  its samples",
                "{place.ask}  ask its models",
            )
        return [*lines, *self._hints("{place.models}  models, to compress another one")]

    def _of_failed(self, newest: Sequence[RunFacts]) -> list[str]:
        """What to do about the run that ended last, where it failed."""
        from ovtui.core.runs.run_folder import State

        last = next((it for it in newest if not it.alive), None)
        if last is None or last.state not in (State.FAILED, State.DIED):
            return []
        again = self.dashboard.said(", {runs.again} runs it again")
        place = self.dashboard.said("{place.runs}")
        return [f"{place}  {last.name} {last.state}: its log says why{again}"]

    def _hints(self, *hints: str) -> list[str]:
        """Those whose keys do something."""
        return list(filter(None, map(self.dashboard.said, hints)))

    def open_row(self, key: str) -> None:
        """Goes to the run."""
        self.dashboard.open_run(key)

    def action_demo(self) -> None:
        """Opens the form that starts the demo."""
        from ovtui.core.recipes import catalog

        path = next((it.path for it in catalog.recipes() if it.name == _DEMO), None)
        if path is not None:
            self.dashboard.open_start(path)
