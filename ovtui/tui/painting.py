"""How the dashboard is painted: its colours and its spelling, of which only changes are sent."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import App
from textual.filter import LineFilter
from textual.screen import Screen

from ovtui.core.home import directories
from ovtui.core.text.errors import UserError, nearest
from ovtui.tui import theme
from ovtui.tui.text import AsciiOnly
from ovtui.tui.textual_internals import (
    CompositorUpdate,
    UpdatesSeen,
    take_theme_of_terminal,
    whole,
)
from ovtui.tui.wire import Wire


class Painted(UpdatesSeen):
    """An application that sends the terminal what differs from what it shows, and no more."""

    HORIZONTAL_BREAKPOINTS = [
        (0, "-narrow"),
        (100, "-wide"),
        (140, "-xwide"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]

    def __init__(self, theme_name: str, *, ascii_only: bool) -> None:
        """Makes an application with its colours.

        Args:
            theme_name: the colours; empty for those that suit the terminal.
            ascii_only: spell everything in ASCII.

        Raises:
            UserError: there is no such theme, or a file of one cannot be read.
        """
        super().__init__()
        self.animation_level = "none"
        self.register_theme(theme.OVTUI)
        self.register_theme(theme.OVTUI_LIGHT)
        self._register_own_themes()
        self.set_reactive(App.ansi_theme_dark, theme.terminal_colours(theme.OVTUI))
        self.set_reactive(App.ansi_theme_light, theme.terminal_colours(theme.OVTUI_LIGHT))
        known = self.available_themes
        self._begin_with(theme.chosen(theme_name, self.console.color_system, known))
        self._spelling = AsciiOnly(enabled=ascii_only)
        self._on_white = theme.NormalColours()
        self._wire = Wire()
        self.is_painted = False
        """The frame is on the screen."""

    def _register_own_themes(self) -> None:
        folder = directories.config_dir() / "themes"
        if folder.is_dir():
            from ovtui.tui.own_themes import own_themes  # 10 ms that only a file costs

            for own in own_themes(folder):
                self.register_theme(own)

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
        """Keeps the theme that is chosen, and paints all again when the program is resumed."""
        self.theme_changed_signal.subscribe(self, lambda chosen: theme.remember(chosen.name))
        self.app_resume_signal.subscribe(self, lambda app: self._wire.forget())

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
        """Has the first place filled when its frame is on the screen."""
        if not self.is_painted:
            self.is_painted = True
            self.call_later(self.fill)

    def fill(self) -> None:
        """Fills the frame, which is on the screen."""

    def on_resize(self, event: events.Resize) -> None:
        """Forgets what a terminal of another size has moved."""
        self._wire.resize(event.size)

    def action_repaint(self) -> None:
        """Sends the whole screen again."""
        self._wire.forget()
        self.refresh(repaint=True, layout=True)
        self.screen.refresh(layout=True)

    def size_classes(self) -> list[str]:
        """Returns the classes that a screen of the terminal's size has."""
        width, height = self.size
        across = [name for least, name in self.HORIZONTAL_BREAKPOINTS if width >= least]
        down = [name for least, name in self.VERTICAL_BREAKPOINTS if height >= least]
        return [across[-1], down[-1]]
