"""Runs: the list, what one is doing or found out, and its log."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on, work
from textual.binding import BindingType

from ovtui.core.text.errors import UserError
from ovtui.tui import keys
from ovtui.tui.screens.place import Place
from ovtui.tui.text import BAD, FAINT, MARKED, STRONG, cell, line, model_name, wrapped
from ovtui.tui.widgets.columns import Column
from ovtui.tui.widgets.page import Page
from ovtui.tui.widgets.pane import Pane
from ovtui.tui.widgets.rows import Rows

# The frame is painted before what fills it is imported; functions import the rest.
if TYPE_CHECKING:
    from ovtui.core.results.result import Result
    from ovtui.core.runs.course import Course
    from ovtui.core.runs.run_folder import Run
    from ovtui.core.text.row_filter import Value
    from ovtui.tui.pages.run_log import Shown
    from ovtui.tui.run_index import Look

_COLUMNS = (
    Column("run", 18),
    Column("state", 11),
    Column("progress / result", 26, grows=True),
    Column("model", 8, middle=True),
    Column("started", 7, sorts=False),
    Column("device", 12, extra=True),
    Column("id", 44, middle=True, extra=True),
)
_AGAIN = "{runs.again} runs it again and goes on from the last finished stage"
_RANGE = "{runs.range} on another run marks all between"
_OF_A_RUN = ["mark", "range", "cancel", "again", "delete", "report", "replay", "samples", "ask"]


class Runs(Place):
    """The numbered place of runs."""

    PLACE = "runs"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("runs")]

    def panes(self) -> Sequence[Pane]:
        """Returns list, run and log."""
        start = self.dashboard.said(keys.HOW_TO_START)
        empty = ["No runs yet.", "", start]
        self._rows = Rows(_COLUMNS, self._cells, empty=empty, id="runs")
        self._page, self._log = Page(), Page()
        self._log_size = -1
        self._range_begin: str | None = None
        self._log_level: Shown = "all"
        self._log_search = ""
        self._searches = False
        return [Pane("Runs", self._rows), Pane("Run", self._page), Pane("Log", self._log)]

    def take_up(self) -> None:
        """Fills the list; the run that another place chose is under the cursor."""
        self.redraw_rows()
        self._rows.redraw()
        if (current := self.dashboard.session.current) is not None:
            self._rows.go(current)
        self._show_run()

    def brings_back(self, key: str) -> bool:
        """Returns False where a run came since, or another place chose one."""
        newest = next(iter(self.dashboard.index.ids), "")
        return newest == self.dashboard.remembered.newest and self.dashboard.session.current is None

    def redraw_rows(self) -> None:
        """Shows the runs that pass the filter."""
        index = self.dashboard.index
        if not self.filter_text:
            self.show_rows({id: (id,) for id in index.ids})
            return
        from ovtui.core.runs.run_fields import words

        self.show_rows({id: words(id, index.heading(id)) for id in index.ids})

    def filter_keys(self) -> Sequence[str]:
        """Returns the fields of runs."""
        from ovtui.core.runs.run_fields import KEYS

        return KEYS

    def fields(self, key: str) -> Mapping[str, Value]:
        """Returns the fields of a run."""
        from ovtui.core.runs.run_fields import run_fields

        index = self.dashboard.index
        facts, result = index.facts(key), index.result_or_none(key)
        state = str(facts.state or "damaged")
        return run_fields(key, index.heading(key), state, facts.reason, result)

    def look(self, look: Look) -> None:
        """Renews what changed; the run under the cursor also tells the age of its last event."""
        if look.listed:
            self.redraw_rows()
        alive = {facts.id for facts in self.dashboard.index.alive}
        if look.changed - alive:
            self._rows.redraw()  # a run ended: its result may need less room than its progress
        for id in look.changed | alive:
            self._rows.redraw_row(id)
        key = self._rows.key
        if key is not None and (key in look.changed or self.dashboard.index.facts(key).alive):
            self._page.redraw()
            self._read_log(key)

    @on(Rows.Highlighted)
    def _show_highlighted(self, event: Rows.Highlighted) -> None:
        self.dashboard.session.current = event.key
        self._show_run(from_top=True)

    def _show_run(self, *, from_top: bool = False) -> None:
        key = self._rows.key
        if key is None:
            self._page.show(lambda width: [line(("no run", FAINT))])
            self._log.show(lambda width: ())
            return
        self._page.show(partial(self._run_lines, key), from_top=from_top)
        self._log_size = -1
        if from_top:
            self._log.anchor()
        self._read_log(key)

    def _run_lines(self, key: str, width: int) -> list[Text]:
        from ovtui.tui.pages import run as run_page

        index = self.dashboard.index
        facts, progress = index.facts(key), index.progress(key)
        problem: list[Text] = []
        result: Result | None = None
        try:
            result = index.result(key)
        except UserError as error:
            problem = [line(), *wrapped(str(error), width, BAD, lead="✗ ")]
        again = self.dashboard.said(_AGAIN)
        known = run_page.Known(index.run(key), facts, progress, result, self._whole(key), again)
        return run_page.page(known, time.time(), width) + problem

    def _whole(self, key: str) -> Course | None:
        """How far all stages of a living run are."""
        index = self.dashboard.index
        return index.course(key, time.time()) if index.facts(key).alive else None

    def _read_log(self, key: str) -> None:
        run = self.dashboard.index.run(key)
        try:
            size = run.log_path.stat().st_size
        except OSError:
            size = 0
        if size == self._log_size:
            return
        self._log_size = size
        self._log.show(partial(self._log_page, run))

    def _log_page(self, run: Run, width: int) -> list[Text]:
        """The log as it is searched and narrowed."""
        from ovtui.tui.pages import run_log

        return run_log.page(run, self._log_level, self._log_search, width)

    def action_level(self) -> None:
        """Shows the log's warnings and errors, its errors, or all of it."""
        from ovtui.tui.pages.run_log import LEVELS

        names = list(LEVELS)
        self._log_level = names[(names.index(self._log_level) + 1) % len(names)]
        self._bring_log()

    def action_first_error(self) -> None:
        """Shows the errors of the log from the first one on."""
        self._log_level = "errors"
        self._bring_log()

    def _bring_log(self) -> None:
        self.bring_front(2)
        self._show_run()
        self._log.anchor(False)
        self._log.scroll_home(animate=False)

    @property
    def filtered_pane(self) -> int:
        """The list's, or the log's while that is searched."""
        return 2 if self._searches else 0

    async def action_filter(self) -> None:
        """Searches in the log where it has the keys, else filters the list."""
        self._searches = self.front.body is self._log
        await super().action_filter()

    @property
    def sought(self) -> str:
        """What is searched in the log, or the list's filter."""
        return self._log_search if self._searches else self.filter_text

    def _set_filter(self, text: str) -> None:
        if not self._searches:
            super()._set_filter(text)
        elif text != self._log_search:
            self._log_search = text
            self._log.redraw()

    def pager_text(self) -> str:
        """Returns the whole log, of which the pane shows the end."""
        if self.front.body is not self._log or (key := self._rows.key) is None:
            return super().pager_text()
        return self.dashboard.index.run(key).log_text()

    def _cells(self, key: str) -> Sequence[Text]:
        from ovtui.tui.pages import run as run_page

        index = self.dashboard.index
        facts = index.facts(key)
        mark = f"{MARKED} " if key in self.dashboard.session.marks else ""
        progress = index.progress(key) if facts.alive else None
        result = None if facts.alive else index.result_or_none(key)
        return [
            line((mark, STRONG), facts.name),
            run_page.sign(facts).text,
            run_page.news(facts, progress, result, self._whole(key)),
            cell(model_name(facts.model)),
            cell(run_page.started(facts.created, datetime.now().astimezone())),
            cell(facts.device),
            cell(key),
        ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Takes the keys away that need a run where there is none."""
        if action in _OF_A_RUN:
            return self._rows.key is not None or None
        return True

    def action_mark(self) -> None:
        """Marks for comparison."""
        if (key := self._rows.key) is None:
            return
        self.dashboard.session.toggle_mark(key)
        self._rows.redraw_row(key)
        self._rows.action_move(1)
        self.tell_title()

    def action_range(self) -> None:
        """Begins a range of runs, or marks all from its beginning to here."""
        if (key := self._rows.key) is None:
            return
        ids = list(self._rows.keys)
        begin, self._range_begin = self._range_begin, None
        if begin not in ids:
            self._range_begin = key
            self.dashboard.tell(
                self.dashboard.said("{runs.range} on another run marks all between")
            )
            return
        first, last = sorted((ids.index(begin), ids.index(key)))
        for id in ids[first : last + 1]:
            self.dashboard.session.marks[id] = None
            self._rows.redraw_row(id)
        self.tell_title()

    def action_compare(self) -> None:
        """Compares what is marked."""
        if self.dashboard.session.marks:
            self.dashboard.session.did("compare", *self.dashboard.session.marks)
        self.dashboard.action_place("compare")

    def action_samples(self) -> None:
        """Looks at the samples of this run."""
        self.dashboard.action_place("samples")

    def action_ask(self) -> None:
        """Asks the models of this run."""
        self.dashboard.action_place("ask")

    def action_cancel(self) -> None:
        """Ends this run, after a question."""
        from ovtui.tui.screens.dialogs import Question

        key = self._rows.key
        if key is None or not self.dashboard.index.facts(key).alive:
            self.dashboard.tell("this run has ended already")
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.dashboard.session.did("cancel", key)
                self._cancel(key)

        self.app.push_screen(Question(f"Cancel {key}?"), answered)

    @work(thread=True, group="cancel")
    def _cancel(self, key: str) -> None:
        from ovtui.core.runs import launch

        launch.cancel(self.dashboard.index.run(key))

    def action_again(self) -> None:
        """Starts the same request as a new run; finished stages are taken from the cache."""
        from ovtui.core.runs import request

        if (key := self._rows.key) is not None:
            self.dashboard.start(partial(request.again, self.dashboard.index.run(key)))

    def action_delete(self) -> None:
        """Deletes the marked runs, or without marks this one, after a question."""
        from ovtui.tui.screens.dialogs import Question

        if (key := self._rows.key) is None:
            return
        index = self.dashboard.index
        chosen = [id for id in self.dashboard.session.marks if id in index.ids] or [key]
        if alive := [facts for id in chosen if (facts := index.facts(id)).alive]:
            cancel = self.dashboard.said("{runs.cancel} cancels it")
            self.dashboard.tell(f"{alive[0].name} is {alive[0].state}: {cancel}")
            return
        what = (
            f"{len(chosen)} marked runs with their" if len(chosen) > 1 else f"{chosen[0]} with its"
        )
        undo = self.dashboard.said("{runs.undo} brings back until you leave.")
        question = f"Delete {what} models? {undo}"
        self.app.push_screen(Question(question), lambda yes: self._discard(chosen) if yes else None)

    def _discard(self, ids: Sequence[str]) -> None:
        from ovtui.core.runs import trash

        done = []
        for id in ids:
            try:
                trash.discard(self.dashboard.index.run(id))
            except UserError as error:
                self.dashboard.refuse(str(error))
                break
            done.append(id)
            self.dashboard.session.did("rm", id)
        self.dashboard.session.forget(done)
        self.dashboard.look()

    def action_undo(self) -> None:
        """Brings back what was deleted last."""
        from ovtui.core.runs import trash

        try:
            restored = self.dashboard.session.take_back()
            for id in restored:
                trash.restore(id)
        except UserError as error:
            self.dashboard.refuse(str(error))
            return
        self.dashboard.look()
        self.dashboard.tell(f"back: {', '.join(restored)}" if restored else "nothing was deleted")

    def action_replay(self) -> None:
        """Opens the time line of a run that is over."""
        if (key := self._rows.key) is None:
            return
        facts = self.dashboard.index.facts(key)
        if facts.alive:
            self.dashboard.tell(f"{facts.name} is {facts.state}: its page draws what it takes")
            return
        from ovtui.tui.screens.replay import Replay

        run, keymap = self.dashboard.index.run(key), self.dashboard.keymap
        self.app.push_screen(Replay(run, facts.name, keymap))

    def action_report(self) -> None:
        """Writes a report beside the result, as Markdown and as a page."""
        if (key := self._rows.key) is None:
            return
        result = self.dashboard.index.result_or_none(key)
        if result is None:
            self.dashboard.tell("there is no result to report yet")
            return
        from ovtui.core.files.writing import writable, write_atomically
        from ovtui.core.reports.run_report import rendered

        run = self.dashboard.index.run(key)
        try:
            for form in ("md", "html"):
                path = run.folder / f"report.{form}"
                with writable(path):
                    write_atomically(path, rendered(run, result, form))
                self.dashboard.session.did("report", key, "-o", str(path))
        except UserError as error:
            self.dashboard.refuse(str(error))
            return
        self.dashboard.tell(f"written: {run.folder}/report.md and .html")
