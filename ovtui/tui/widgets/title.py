"""The first line: which machine this is, and what goes on there."""

from __future__ import annotations

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from ovtui.core.text.cells import shorten
from ovtui.tui.text import FAINT, STRONG, line

_LEAST = (60, 16)


class TitleLine(Widget):
    """`ovtui`, the host, and the runs that are alive; or that the terminal is too small."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "TitleLine { width: 1fr; height: 1; }"

    host: reactive[str] = reactive("")
    running: reactive[int | None] = reactive(None)
    """None while the runs were not looked at yet."""
    waiting: reactive[int] = reactive(0)
    marked: reactive[int] = reactive(0)
    paused: reactive[str] = reactive("")
    """The key that goes on; empty while nothing is paused."""

    def render(self) -> Text:
        """Returns the line; what matters most stands first."""
        width, height = self.app.size
        if width < _LEAST[0] or height < _LEAST[1]:
            needed = f"{_LEAST[0]}×{_LEAST[1]}"
            return line((f" too small: {width}×{height}, needs {needed}", f"{STRONG} reverse"))
        parts = [f"{self.running} running" if self.running else "idle"]
        if self.running is None:
            parts = []
        parts += [f"{self.waiting} waiting"] if self.waiting else []
        parts += [f"{self.marked} marked"] if self.marked else []
        parts += [f"updates PAUSED ({self.paused})"] if self.paused else []
        host = shorten(self.host, max(8, self.size.width // 3))
        return line(" ", ("ovtui", STRONG), f"  {host}", ("  ", FAINT), ", ".join(parts))
