"""The dashboard: modes, theme, keymap and one tick; wires, does no work."""

from __future__ import annotations

import asyncio
import gc
import importlib
import os
import shlex
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.filter import LineFilter
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from ovtui.core.home import directories
from ovtui.core.text.errors import UserError, error_in_words, nearest
from ovtui.tui import keys, theme
from ovtui.tui.remembered import remember, remembered
from ovtui.tui.screens.place import Place
from ovtui.tui.text import AsciiOnly
from ovtui.tui.textual_internals import (
    CompositorUpdate,
    UpdatesSeen,
    send,
    take_theme_of_terminal,
    whole,
)
from ovtui.tui.wire import Wire

# The frame is painted before what fills it is imported; functions import the rest.
if TYPE_CHECKING:
    from ovtui.core.home.settings import Settings
    from ovtui.core.runs.lineage import Model
    from ovtui.core.runs.run_folder import Request, Run
    from ovtui.tui.run_index import RunIndex
    from ovtui.tui.telling import Teller

_TICK_SECONDS, _CALM_SECONDS = 1.0, 2.0


def _opened(place: str) -> Place:
    """The screen of a place; its module is imported when it is first shown."""
    module = importlib.import_module(f"ovtui.tui.screens.{place}")
    screen: Place = getattr(module, place.capitalize())()
    return screen


class Dashboard(UpdatesSeen):
    """The application; what all places share is here."""

    TITLE = "ovtui"
    CSS_PATH = "app.tcss"
    MODES: ClassVar[dict[str, str | Callable[[], Screen[None]]]] = {
        place: partial(_opened, place) for place in keys.PLACES
    }
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("everywhere")]
    HORIZONTAL_BREAKPOINTS = [
        (0, "-narrow"),
        (100, "-wide"),
        (140, "-xwide"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]

    class RunStarted(Message):
        """An engine works on a new run."""

        def __init__(self, run: str) -> None:
            super().__init__()
            self.run = run

    class Refused(Message):
        """Something that was asked for cannot be done."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

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
            UserError: there is no such theme.
        """
        # Without a screen before the first place, which costs 20 ms.
        self.remembered = remembered()
        self.DEFAULT_MODE = self._first_place()  # type: ignore[misc]
        super().__init__()
        self.animation_level = "none"
        self.register_theme(theme.OVTUI)
        self.register_theme(theme.OVTUI_LIGHT)
        self._register_own_themes()
        self.set_reactive(App.ansi_theme_dark, theme.terminal_colours(theme.OVTUI))
        self.set_reactive(App.ansi_theme_light, theme.terminal_colours(theme.OVTUI_LIGHT))
        known = self.available_themes
        self._begin_with(theme.chosen(theme_name, self.console.color_system, known))
        self.ascii_only, self._calm = ascii_only, calm
        self._settings = settings
        self.keymap = dict(settings.keys) if settings else {}
        self.readonly = readonly
        if readonly:
            self.keymap = keys.looking_only(self.keymap)
        self.graphics = settings.images if settings else "half-block"
        self._spelling = AsciiOnly(enabled=ascii_only)
        self._on_white = theme.NormalColours()
        self._wire = Wire()
        self.host = os.uname().nodename
        self.is_painted = False
        self.marks: dict[str, None] = dict.fromkeys(self.remembered.marks)
        self.left_out: set[str] = set(self.remembered.left_out)
        self.current: str | None = None
        self.paused = False
        self.models: Sequence[Model] = ()
        """As they were read last, for the palette: to look for them takes a moment."""
        self.done: list[str] = []
        """Commands of what was done, the newest last."""
        self._deleted: list[list[str]] = []
        self.ended: list[str] = []
        self._alive_before: frozenset[str] = frozenset()

    def _register_own_themes(self) -> None:
        folder = directories.config_dir() / "themes"
        if folder.is_dir():
            from ovtui.tui.own_themes import own_themes  # 10 ms that only a file costs

            for own in own_themes(folder):
                self.register_theme(own)

    def _first_place(self) -> str:
        """Return the place of last time; without one, or before any run, what is of use then."""
        if self.remembered.place in self.MODES and (self.remembered.newest or not _has_runs()):
            return self.remembered.place
        return "runs" if _has_runs() else "overview"

    def _begin_with(self, name: str) -> None:
        """Take a theme as the watcher does, which parses all styles twice more: 30 ms."""
        if name not in self.available_themes:
            raise UserError(f"theme {name!r}: unknown, {nearest(name, self.available_themes)}")
        self.set_reactive(App.theme, name)
        self.stylesheet.set_variables(self.get_css_variables())
        take_theme_of_terminal(self)

    def on_load(self) -> None:
        """Applies the colours that the first screen inherits before it is made."""
        self.stylesheet.apply(self)

    def on_mount(self) -> None:
        """Takes the keys."""
        self.set_keymap(self.keymap)
        for number, own in enumerate(self._settings.commands if self._settings else ()):
            self.bind(own.key, f"own_command({number})", description=own.title or own.run[0])
        self.theme_changed_signal.subscribe(self, lambda chosen: theme.remember(chosen.name))
        self.app_resume_signal.subscribe(self, lambda app: self._wire.forget())
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGHUP):
                # As after q: the terminal is given back as it was. A shell tells 128 + number.
                loop.add_signal_handler(number, self.exit, None, 128 + number)

    def on_unmount(self) -> None:
        """Keeps what is shown for next time."""
        self.remembered.marks = list(self.marks)
        self.remembered.newest = next(iter(self.index.ids), "")
        self.remembered.left_out = sorted(self.left_out)
        remember(self.remembered)
        self._empty_trash()
        self._teller.leave()

    def _empty_trash(self) -> None:
        from ovtui.core.runs import trash

        trash.empty()

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

    def _fill(self) -> None:
        """Fill the first place: its frame is on the screen."""
        self.look()
        if self.place is not None:
            self.place.fill()
        gc.freeze()
        gc.enable()
        self.set_interval(_CALM_SECONDS if self._calm else _TICK_SECONDS, self.look)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Returns the usual filters, and the spelling in ASCII last."""
        spelling = [self._spelling] if self._spelling.enabled else []
        on_white = [self._on_white] if self.theme == "ansi-light" else []
        return [*super().get_line_filters(), *on_white, *spelling]

    def outgoing(self, screen: Screen[object], update: CompositorUpdate) -> CompositorUpdate:
        """Returns only what differs from what the terminal shows; at first all of it."""
        if not self.is_painted:  # nothing that was drawn in a batch has been shown
            update = whole(screen)
        return update if self.is_headless else self._wire.changes(update, self.size)

    def after_update(self) -> None:
        """Fills the first place when its frame is on the screen."""
        if not self.is_painted:
            self.is_painted = True
            self.call_later(self._fill)

    def on_resize(self, event: events.Resize) -> None:
        """Forgets what a terminal of another size has moved."""
        self._wire.resize(event.size)

    def size_classes(self) -> list[str]:
        """Returns the classes that a screen of the terminal's size has."""
        width, height = self.size
        across = [name for least, name in self.HORIZONTAL_BREAKPOINTS if width >= least]
        down = [name for least, name in self.VERTICAL_BREAKPOINTS if height >= least]
        return [across[-1], down[-1]]

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
        alive = frozenset(facts.id for facts in self.index.alive)
        self._take_ended(sorted(self._alive_before - alive))
        self._alive_before = alive
        if self.place is not None and self.place.is_mounted:
            self.place.tell_title()
            self.place.look(look)
        if not self.is_headless:
            self._teller.work(self.index, time.time())

    def _take_ended(self, runs: Sequence[str]) -> None:
        """Say how runs ended, which may be out of sight."""
        self.ended += runs
        facts = [self.index.facts(id) for id in runs if id in self.index.ids]
        if not facts:
            return
        from ovtui.tui.pages import run as run_page
        from ovtui.tui.telling import end_of

        words = "; ".join(f"{run.name}: {run_page.sign(run).text}" for run in facts)
        ends = [end_of(run, self.index.result_or_none(run.id)) for run in facts]
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

    def action_repaint(self) -> None:
        """Sends the whole screen again."""
        self._wire.forget()
        self.refresh(repaint=True, layout=True)
        self.screen.refresh(layout=True)

    def action_help(self) -> None:
        """Shows the keys of what is shown."""
        from ovtui.tui.screens.dialogs import Help
        from ovtui.tui.screens.new_recipe import NewRecipeForm
        from ovtui.tui.screens.recipe_choice import RecipeChoice
        from ovtui.tui.screens.start import Start

        self.clear_notifications()
        if isinstance(self.screen, Place):
            sections = (self.screen.PLACE, "list", "place", "everywhere")
            self.push_screen(Help(sections, self.keymap))
        elif isinstance(self.screen, RecipeChoice):
            self.push_screen(Help(("choice", "list"), self.keymap, without=["list.sort"]))
        elif isinstance(self.screen, NewRecipeForm):
            self.push_screen(Help(("new", "list"), self.keymap, without=["list.sort"]))
        elif isinstance(self.screen, Start):
            self.push_screen(Help(("start", "list"), self.keymap, without=["list.sort"]))

    def action_help_quit(self) -> None:
        """Tells what ctrl+c does not do."""
        self.tell("q leaves; runs go on without the dashboard")

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

    def toggle_mark(self, run: str) -> None:
        """Marks a run for comparison, or takes its mark away."""
        if run in self.marks:
            del self.marks[run]
        else:
            self.marks[run] = None

    def forget(self, runs: Sequence[str]) -> None:
        """Takes note that runs were deleted."""
        if runs:
            self._deleted.append(list(runs))
        for run in runs:
            self.marks.pop(run, None)
        if self.current in runs:
            self.current = None
        self.look()

    def take_back(self) -> list[str]:
        """Returns the runs that were deleted last, for whoever brings them back."""
        return self._deleted.pop() if self._deleted else []

    def did(self, *words: str) -> None:
        """Keeps the command that does what was just done by a key."""
        self.done.append(shlex.join(["ovtui", *words]))

    def action_own_command(self, number: int) -> None:
        """Runs a command of the person's own, which has the terminal meanwhile."""
        from ovtui.tui import outside

        chosen = self.shown_run()
        facts = self.index.facts(chosen[0]) if chosen else None
        try:
            outside.run_own(self, self.settings.commands[number], facts)
        except UserError as error:
            self.refuse(str(error))

    def action_commands(self) -> None:
        """Shows the commands that do what was done here, to copy or to learn them."""
        from ovtui.tui.screens.dialogs import Commands

        self.push_screen(Commands(self.done, self.copy_text))

    def shown_run(self) -> list[str]:
        """Returns the run that another place chose, with a result or without; else the newest
        done.
        """
        if self.current in self.index.ids:
            return [str(self.current)]
        return self.index.done()[:1]

    def open_run(self, run: str) -> None:
        """Goes to a run."""
        self.current = run
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

    @work(thread=True, group="start")
    def start_run(
        self,
        recipe: str,
        model: str | None,
        device: str,
        overrides: Sequence[str],
        argv: Sequence[str],
        *,
        standard: bool = False,
    ) -> None:
        """Starts a recipe; an unknown device is looked for in a process of its own.

        Args:
            recipe: path of the recipe.
            model: in place of the recipe's.
            device: name that OpenVINO knows.
            overrides: `KEY=VALUE`.
            argv: the command line that does the same, kept with the run.
            standard: try the standard variants in place of the recipe's own.
        """
        from ovtui.tui import outside

        self._start(
            partial(outside.asked, recipe, model, device, overrides, argv, standard=standard)
        )

    @work(thread=True, group="start")
    def start_again(self, run: str) -> None:
        """Starts the request of a run as a new run."""
        from ovtui.tui import outside

        self._start(partial(outside.asked_again, self.index.run(run)))

    @work(thread=True, group="start")
    def start_bench(self, model: str) -> None:
        """Measures a model file as a run."""
        from ovtui.tui import outside

        self._start(partial(outside.asked_bench, model))

    def _start(self, ask: Callable[[], Request]) -> None:
        from ovtui.core.runs import request

        try:
            self.post_message(self.RunStarted(request.start(ask()).id))
        except UserError as error:
            self.post_message(self.Refused(str(error)))

    @on(RunStarted)
    def _show_started(self, event: RunStarted) -> None:
        self.current = event.run
        self.index.look()
        self._alive_before |= {event.run}
        if self.place is not None and self.place.PLACE == "runs":
            self.place.bring_front(0)
            self.place.take_up()
        else:
            self.action_place("runs")

    @on(Refused)
    def _show_refused(self, event: Refused) -> None:
        self.refuse(event.words)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Tells of a worker that failed; it does not end the dashboard."""
        if event.state is WorkerState.ERROR and event.worker.error:
            self.refuse(error_in_words(event.worker.error))

    def tell(self, words: str) -> None:
        """Shows a short word that goes away by itself, and takes the place of the one before."""
        self.clear_notifications()
        self.notify(words, markup=False, timeout=4)

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

    def to_print(self) -> list[Run]:
        """Returns the runs whose results belong into the scrollback after leaving."""
        from ovtui.core.runs.run_folder import State

        wanted = self.ended[-3:] or [self.current or "", *self.index.done()]
        runs = [id for id in wanted if id in self.index.ids]
        ended = [id for id in runs if self.index.facts(id).state is not None]
        done = [id for id in ended if self.index.facts(id).state is State.DONE]
        return [self.index.run(id) for id in (ended if self.ended else done[:1])]


def _has_runs() -> bool:
    try:
        return next(os.scandir(directories.home() / "runs"), None) is not None
    except OSError:
        return False
