"""All that the dashboard uses of Textual and rich without their promise: no other file does.

The terminal is sent only what differs from what it shows (`wire.py`), so updates are looked at on
their way, and Textual has no public place for that. After an update of Textual run
`python -m pytest tests/tui/test_textual_internals.py`: it names what moved.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from rich.color import ColorSystem
from rich.console import Console
from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

__all__ = [
    "ChopsUpdate",
    "CompositorUpdate",
    "LayoutUpdate",
    "UpdatesSeen",
    "colours_of",
    "paint_now",
    "send",
    "shown",
    "take_theme_of_terminal",
    "whole",
]

CHECKED_WITH = "8.2"
"""The version of Textual that the expectations below were read in."""
EXPECTED: tuple[tuple[Any, str, str], ...] = (
    (App, "_display", "self, screen, renderable"),
    (App, "_refresh_truecolor_filter", "self, theme"),
    (Compositor, "render_full_update", "self, simplify"),
    (Compositor, "render_strips", "self, size"),
    (Compositor, "update_widgets", "self, widgets"),
    (Screen, "_compositor_refresh", "self"),
    (CompositorUpdate, "render_segments", "self, console"),
    (LayoutUpdate, "__init__", "self, strips, region"),
    (ChopsUpdate, "__init__", "self, chops, spans, chop_ends"),
)
"""What is called or replaced, and the parameters that it has."""
ATTRIBUTES = ("_batch_count", "_compositor", "_color_system", "_driver")
"""Of an app, a screen, a console and an app: read below."""


class UpdatesSeen(App[None]):
    """An application that sees each update of the screen before it is sent."""

    def outgoing(self, screen: Screen[object], update: CompositorUpdate) -> CompositorUpdate:
        """Returns what is sent in place of an update."""
        return update

    def after_update(self) -> None:
        """Does what has to be done when an update was sent."""

    def _display(self, screen: Screen[object], renderable: Any) -> None:
        # What is drawn in a batch is drawn again, whole, at its end.
        if not isinstance(renderable, CompositorUpdate) or self._batch_count:
            super()._display(screen, renderable)
            return
        update: Any = self.outgoing(screen, renderable)
        super()._display(screen, update)
        self.after_update()


def whole(screen: Screen[object]) -> CompositorUpdate:
    """Returns an update of all that a screen shows."""
    return screen._compositor.render_full_update()


def shown(screen: Screen[object]) -> list[Strip]:
    """Returns the lines that a screen shows."""
    return screen._compositor.render_strips(screen.size)


def paint_now(screen: Screen[None], widgets: Collection[Widget]) -> None:
    """Sends what changed in widgets at once, and not with all else at the screen's next tick."""
    screen._compositor.update_widgets(set(widgets))
    screen._compositor_refresh()


def send(app: App[None], sequence: str) -> None:
    """Sends the terminal a sequence that is not part of a screen, as its title is."""
    if app._driver is not None and sequence:
        app._driver.write(sequence)


def take_theme_of_terminal(app: App[None]) -> None:
    """Spells the sixteen colours by name as the app's theme has them now."""
    app._refresh_truecolor_filter(app.ansi_theme)


def colours_of(console: Console) -> ColorSystem:
    """Returns the colours that a terminal has; all where that is not known."""
    return console._color_system or ColorSystem.TRUECOLOR
