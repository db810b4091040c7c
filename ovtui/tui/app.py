"""The dashboard: modes, keymap and one tick; wires, does no work."""

from __future__ import annotations

import asyncio
import gc
import importlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from ovtui.core.home import directories
from ovtui.core.text.errors import UserError, error_in_words
from ovtui.tui import keys
from ovtui.tui.painting import Painted
from ovtui.tui.remembered import remember, remembered
from ovtui.tui.screens.place import Place
from ovtui.tui.session import Session
from ovtui.tui.text import shorten_middle
from ovtui.tui.textual_internals import send

# The frame is painted before what fills it is imported; functions import the rest.
if TYPE_CHECKING:
    from ovtui.core.home.settings import Settings
    from ovtui.core.runs.lineage import Model
    from ovtui.core.runs.run_request import Request
    from ovtui.tui.run_index import RunFacts, RunIndex
    from ovtui.tui.telling import Teller

_TICK_SECONDS, _CALM_SECONDS = 1.0, 2.0
_LEAVE_SECONDS = 10.0
"""After a signal; to leave takes a tenth of a second."""


def _opened(place: str) -> Place:
    """The screen of a place; its module is imported when it is first shown."""
    module = importlib.import_module(f"ovtui.tui.screens.{place}")
    screen: Place = getattr(module, place.capitalize())()
    return screen


class Dashboard(Painted):
    """The application; what all places share is here."""

    TITLE = "ovtui"
    CSS_PATH = "app.tcss"
    MODES: ClassVar[dict[str, str | Callable[[], Screen[None]]]] = {
        place: partial(_opened, place) for place in keys.PLACES
    }
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("everywhere")]

    def __init__(
        self,
        *,
        ascii_only: bool = False,
        calm: bool = False,
        theme_name: str = "",
        settings: Settings | None = None,
        readonly: bool = False,
    ) -> None:
        """The application.

        Args:
            ascii_only: spell everything in ASCII.
            calm: look at the run folders half as often.
            theme_name: the colours; empty for those that suit the terminal.
            settings: of the user; all defaults without any.
            readonly: nothing is started, ended, written or deleted.

        Raises:
            UserError: there is no such theme, or a file of one cannot be read.
        """
        # Without a screen before the first place, which costs 20 ms.
        self.remembered = remembered()
        self.DEFAULT_MODE = self._first_place()  # type: ignore[misc]
        super().__init__(theme_name, ascii_only=ascii_only)
        self._calm, self._settings = calm, settings
        own = dict(settings.keys) if settings else {}
        self.keymap = keys.looking_only(own) if readonly else own
        self.readonly = readonly
        self.graphics = settings.images if settings else "half-block"
        self.host = os.uname().nodename
        self.paused = False
        self.session = Session(self.remembered)
        self.models: Sequence[Model] = ()
        """As they were read last, for the palette: to look for them takes a moment."""

    def _first_place(self) -> str:
        """Return the place of last time; without one, or before any run, what is of use then."""
        if self.remembered.place in self.MODES and (self.remembered.newest or not _has_runs()):
            return self.remembered.place
        return "runs" if _has_runs() else "overview"

    def on_mount(self) -> None:
        """Takes the keys."""
        self.set_keymap(self.keymap)
        for number, own in enumerate(self._settings.commands if self._settings else ()):
            self.bind(own.key, f"own_command({number})", description=own.title or own.run[0])
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self._leave, 128 + number)

    def _leave(self, status: int) -> None:
        """Leaves as after q: the terminal is given back as it was. A shell tells 128 + signal.

        Where the terminal is gone, as after `tmux kill-server`, Textual waits for it forever.
        """
        last_resort = threading.Timer(_LEAVE_SECONDS, os._exit, [status])
        last_resort.daemon = True
        last_resort.start()
        self.exit(None, status)

    def on_unmount(self) -> None:
        """Keeps what is shown for next time."""
        from ovtui.core.runs import trash

        self.session.keep(self.remembered)
        self.remembered.newest = next(iter(self.index.ids), "")
        remember(self.remembered)
        trash.empty()
        self._teller.leave()

    @cached_property
    def settings(self) -> Settings:
        """The user's settings; all defaults without any."""
        from ovtui.core.home.settings import Settings  # 6 ms that the first paint does not wait for

        return self._settings or Settings()

    @cached_property
    def index(self) -> RunIndex:
        """What the run folders tell."""
        from ovtui.tui.run_index import RunIndex

        return RunIndex()

    def fill(self) -> None:
        """Fills the first place, and looks at the run folders from now on."""
        self.look()
        if self.place is not None:
            self.place.fill()
        gc.freeze()
        gc.enable()
        self.set_interval(_CALM_SECONDS if self._calm else _TICK_SECONDS, self.look)

    @property
    def place(self) -> Place | None:
        """The place that is shown, also below a dialog."""
        below = self.screen_stack[0] if self.screen_stack else None
        return below if isinstance(below, Place) else None

    def look(self) -> None:
        """Looks at the run folders, and shows what changed; does nothing while paused."""
        # The timer may fire once more while the screens are taken down.
        if self.paused or not (self.is_running and self.is_painted):
            return
        look = self.index.look()
        if ended := self.session.newly_ended(self.index):
            self._tell_ended(ended)
        if self.place is not None and self.place.is_mounted:
            self.place.tell_title()
            self.place.look(look)
        if not self.is_headless:
            self._teller.work(self.index, time.time())

    def _tell_ended(self, runs: Sequence[RunFacts]) -> None:
        """Say how runs ended, which may be out of sight."""
        from ovtui.tui.pages import run as run_page
        from ovtui.tui.telling import end_of

        words = "; ".join(f"{run.name}: {run_page.sign(run).text}" for run in runs)
        ends = [end_of(run, self.index.result_or_none(run.id)) for run in runs]
        self.tell(self._teller.ended(ends) or words)

    @cached_property
    def _teller(self) -> Teller:
        """What tells the terminal of runs; imported when the first paint is over."""
        from ovtui.tui.telling import Teller

        return Teller(self.settings, partial(send, self))

    def action_place(self, place: str) -> None:
        """Goes to a place."""
        if len(self.screen_stack) == 1:
            self.switch_mode(place)

    def action_pause(self) -> None:
        """Stops the updates, or goes on."""
        self.paused = not self.paused
        if self.place is not None:
            self.place.tell_title()

    def action_help(self) -> None:
        """Shows the keys of what is shown."""
        from ovtui.tui.screens.dialogs import Help
        from ovtui.tui.screens.form import Form

        self.clear_notifications()
        if isinstance(self.screen, Place):
            sections = (self.screen.PLACE, "list", "place", "everywhere")
            self.push_screen(Help(sections, self.keymap))
        elif isinstance(self.screen, Form):
            self.push_screen(
                Help(self.screen.HELP_SECTIONS, self.keymap, without=["list.sort", "list.reverse"])
            )

    def action_help_quit(self) -> None:
        """Tells what ctrl+c does not do."""
        self.tell(self.said("{quit} leaves; runs go on without the dashboard"))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Yields the palette: every key of this place, every recipe, then Textual's own."""
        from ovtui.tui import palette

        yield from palette.keys_of(screen, self.keymap)
        if self.is_painted:
            yield from palette.runs(self.index, self.open_run)
            yield from palette.models(self.models, self.open_model)
            if not self.readonly:
                yield from palette.starts(self.open_start)
        yield from palette.of_textual(super().get_system_commands(screen))
        # Once the palette is closed, which would be in the picture.
        yield palette.screenshot(partial(self.set_timer, 0.1, self.take_screenshot))

    def take_screenshot(self) -> None:
        """Keeps what is shown as a picture, and says where."""
        from ovtui.tui import outside

        try:
            self.tell(f"written: {outside.screenshot(self)}")
        except UserError as error:
            self.refuse(str(error))

    def action_own_command(self, number: int) -> None:
        """Runs a command of the person's own, which has the terminal meanwhile."""
        from ovtui.tui import outside

        chosen = self.session.shown(self.index)
        facts = self.index.facts(chosen[0]) if chosen else None
        try:
            outside.run_own(self, self.settings.commands[number], facts)
        except UserError as error:
            self.refuse(str(error))

    def action_commands(self) -> None:
        """Shows the commands that do what was done here, to copy or to learn them."""
        from ovtui.tui.screens.dialogs import Commands

        self.push_screen(Commands(self.session.done, self.copy_text))

    def open_run(self, run: str) -> None:
        """Goes to a run."""
        self.session.current = run
        if self.place is not None and self.place.PLACE == "runs":
            self.place.take_up()
        else:
            self.action_place("runs")

    def open_model(self, key: str) -> None:
        """Goes to a model."""
        self.action_place("models")
        if self.place is not None:
            self.place.go(key)

    def open_start(self, recipe: str, model: str = "") -> None:
        """Opens the form that starts a recipe."""
        from ovtui.core.recipes.recipe import load
        from ovtui.core.runs.course import estimate
        from ovtui.tui.screens.start import Start

        last = self.index.newest_of(Path(recipe).stem)
        try:
            source = model or load(Path(recipe)).model.source
            # A run of another model tells nothing of what this one takes.
            same = last is not None and self.index.facts(last).model == source
            earlier = self.index.result_or_none(last) if last and same else None
            self.push_screen(Start(recipe, model, estimate(earlier) if earlier else ""))
        except UserError as error:
            self.refuse(str(error))

    def open_new(self, model: str) -> None:
        """Opens the form that proposes a recipe for a model."""
        from ovtui.tui.screens.new_recipe import NewRecipeForm

        self.push_screen(NewRecipeForm(model))

    @work(group="start")
    async def start(self, ask: Callable[[], Request]) -> None:
        """Starts a run, and shows it.

        Args:
            ask: returns its request; called in a thread, since a device that is not known yet is
                looked for in a process of its own.
        """
        from ovtui.core.runs import request

        try:
            run = await asyncio.to_thread(lambda: request.start(ask()))
        except UserError as error:
            self.refuse(str(error))
        else:
            self._show_started(run.id)

    def _show_started(self, run: str) -> None:
        self.session.started(run)
        self.index.look()
        if self.place is not None and self.place.PLACE == "runs":
            self.place.bring_front(0)
        self.open_run(run)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Tells of a worker that failed; it does not end the dashboard."""
        if event.state is WorkerState.ERROR and event.worker.error:
            self.refuse(error_in_words(event.worker.error))

    def tell(self, words: str) -> None:
        """Shows a short word that goes away by itself, and takes the place of the one before."""
        self.clear_notifications()
        # Words that fill three lines take four at most when they are wrapped; paths are whole.
        short = shorten_middle(words, 3 * (self.size.width * 4 // 5 - 2))
        self.notify(short, markup=False, timeout=4)

    def said(self, hint: str) -> str:
        """Returns a hint with the keys as they are set; empty where one of them is off."""
        return keys.said(hint, self.keymap)

    def refuse(self, words: str) -> None:
        """Shows what went wrong, until it was read."""
        from ovtui.tui.screens.dialogs import Notice

        self.push_screen(Notice(words))

    def copy_text(self, text: str) -> None:
        """Copies a text, as far as the terminal allows."""
        from ovtui.tui import outside

        try:
            path = outside.copy(self, text)
        except UserError as error:
            self.refuse(str(error))
        else:
            self.tell(f"copied, if your terminal allows OSC 52; also in {path}")

    def open_pager(self, text: str) -> None:
        """Shows a text in the person's pager."""
        from ovtui.tui import outside

        try:
            outside.page(self, text)
        except UserError as error:
            self.refuse(str(error))


def _has_runs() -> bool:
    try:
        return next(os.scandir(directories.home() / "runs"), None) is not None
    except OSError:
        return False
