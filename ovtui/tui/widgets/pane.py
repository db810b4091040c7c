"""A pane: a title row, and one page or list below it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from ovtui.tui.text import CURSOR, FAINT, RULE, line
from ovtui.tui.widgets.page import Page
from ovtui.tui.widgets.rows import Rows
from ovtui.tui.widgets.strip import Word, WordStrip


class PaneTitle(WordStrip):
    """The pane's title, or those of all that stand in its place, in a rule over the pane."""

    def render(self) -> Text:
        """Returns the words, and the rule."""
        words = super().render()
        rest = self.size.width - words.cell_len - 1
        return line(words, (f" {RULE * rest}", FAINT)) if rest > 0 else words


class Pane(Vertical):
    """One of a place's panes, by its title."""

    def __init__(self, title: str, body: Page | Rows) -> None:
        kind = " -list" if isinstance(body, Rows) else ""
        super().__init__(id=f"pane-{title.lower()}", classes=f"pane{kind}")
        self.title, self.body = title, body
        self.heading = PaneTitle()
        self._titles: Sequence[str] = ()
        self._subject = ""

    def compose(self) -> ComposeResult:
        """Yields the title and body."""
        yield self.heading
        yield self.body

    @property
    def focus_target(self) -> Widget:
        """What takes the keys."""
        return self.body

    def prepare(self) -> None:
        """Draws what changed while the pane was hidden, so that it is shown at once."""
        if isinstance(self.body, Page):
            self.body.draw_stale()

    def name_titles(self, titles: Sequence[str], front: str, subject: str = "") -> None:
        """Shows these titles; the front one is marked by a sign, not by colour alone.

        Args:
            titles: of this pane, and of those that stand in its place.
            front: the title of the pane that has the keys.
            subject: what this pane is of, behind the titles; a click on it is one on its title.
        """
        self._titles, self._subject = titles, subject
        self.mark(front)

    def mark(self, front: str) -> None:
        """Moves the sign to the title of the pane that has the keys."""
        words = [
            Word(title, f"{CURSOR if title == front else ' '}{title}", title == front)
            for title in self._titles
        ]
        rest = [Word(self.title, self._subject)] if self._subject else []
        self.heading.show([*words, *rest])
