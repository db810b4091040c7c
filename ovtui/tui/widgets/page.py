"""Lines of text that repaint only where they changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from ovtui.tui import keys

Source = Callable[[int], Sequence[Text]]


class Page(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows what a source gives for its width; a line that stays the same is not sent again."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("page")]
    DEFAULT_CSS = """
    Page { overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1; }
    """

    def __init__(self, source: Source = lambda width: (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._source = source
        self._lines: list[Text] = []
        self._drawn: dict[int, Strip] = {}
        self._stale = True
        self._drawn_width = 0

    @property
    def text(self) -> str:
        """All lines, for copying."""
        return "\n".join(line.plain.rstrip() for line in self._lines)

    def show(self, source: Source, *, from_top: bool = False) -> None:
        """Takes another source and draws it."""
        self._source = source
        if from_top:
            self.scroll_home(animate=False, immediate=True)
        self.redraw()

    def redraw(self) -> None:
        """Asks the source again; a page that is not on the screen waits until it is."""
        width = self.scrollable_content_region.width
        if self.region and width:
            self._draw(width)
        else:
            self._stale = True

    def draw_stale(self) -> None:
        """Draws what could not be drawn while the page was hidden, as wide as it was."""
        if self._stale and self._drawn_width:
            self._draw(self._drawn_width)

    def _draw(self, width: int) -> None:
        if width != self._drawn_width:
            self._drawn.clear()
        self._stale, self._drawn_width = False, width
        before, self._lines = self._lines, list(self._source(width))
        if len(before) != len(self._lines):
            self.virtual_size = Size(width, len(self._lines))
        shown = max(len(before), len(self._lines))
        for y in range(shown):
            if before[y : y + 1] != self._lines[y : y + 1]:
                self._drawn.pop(y, None)
                self.refresh_line(y)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Returns the number of lines it has, where its height is left to it."""
        return len(self._source(width))

    def watch_has_focus(self, has_focus: bool) -> None:
        """Does nothing: no style depends on it, and Textual would take 1 ms to compute them
        anew.
        """

    def on_show(self) -> None:
        """Draws what changed meanwhile."""
        if self._stale:
            self.redraw()

    def on_resize(self, event: events.Resize) -> None:
        """Lays the lines out for the new width."""
        if self.scrollable_content_region.width != self._drawn_width:
            self.redraw()

    def notify_style_update(self) -> None:
        """Draws all lines again: their colours may be others."""
        self._drawn.clear()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """Returns one line, with what is selected in it; drawn once, which is half of a paint's
        time.
        """
        index = y + self.scroll_offset.y
        if self.text_selection:
            return self._strip(index)
        if index not in self._drawn:
            self._drawn[index] = self._strip(index)
        return self._drawn[index]

    def _strip(self, index: int) -> Strip:
        width = self.size.width
        if index >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        text = self._lines[index]
        if text.cell_len > self._drawn_width:  # a number that is cut needs a sign
            text = text.copy()
            text.rstrip()
            text.truncate(self._drawn_width, overflow="ellipsis")
        if self.text_selection and (span := self.text_selection.get_span(index)):
            start, end = span
            text = text.copy()
            style = self.screen.get_component_rich_style("screen--selection")
            text.stylize(style, start, len(text) if end == -1 else end)
        segments = [s for s in text.render(self.app.console) if isinstance(s, Segment)]
        strip = Strip(segments).crop_extend(0, width, None).apply_style(self.rich_style)
        return strip.apply_offsets(0, index)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Returns what the mouse selected."""
        return selection.extract("\n".join(line.plain for line in self._lines)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Shows what is selected."""
        self.refresh()
