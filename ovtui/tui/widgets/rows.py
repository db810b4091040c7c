"""A list with columns, of any length: only the rows that are seen are read and drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ovtui.tui import keys
from ovtui.tui.text import CURSOR, line, wrapped
from ovtui.tui.widgets import columns as layout
from ovtui.tui.widgets import order
from ovtui.tui.widgets.columns import MARGIN, Column

_LETTERS = "asdfghjklqwertyuiopzxcvbnmASDFGHJKLQWERTYUIOPZXCVBNM"


class Rows(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows by key, with a cursor that stays on its key."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("list")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--cursor",
        "rows--cursor-with-keys",
        "rows--header",
    }
    DEFAULT_CSS = """
    Rows {
        overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1;
        & > .rows--header { text-style: bold; }
        & > .rows--cursor { text-style: bold; }
        & > .rows--cursor-with-keys { text-style: reverse; }
    }
    """

    cursor: reactive[int] = reactive(0, repaint=False)

    class Highlighted(Message):
        """The cursor is on another row."""

        def __init__(self, rows: Rows, key: str | None) -> None:
            super().__init__()
            self.rows, self.key = rows, key

        @property
        def control(self) -> Rows:
            return self.rows

    class Chosen(Message):
        """A row was opened."""

        def __init__(self, rows: Rows, key: str) -> None:
            super().__init__()
            self.rows, self.key = rows, key

        @property
        def control(self) -> Rows:
            return self.rows

    def __init__(
        self,
        columns: Sequence[Column],
        cells: Callable[[str], Sequence[Text]],
        *,
        empty: Sequence[str] = (),
        id: str | None = None,
    ) -> None:
        """A list.

        Args:
            columns: the first ones matter most.
            cells: gives a row's cells; called when the row is drawn.
            empty: lines in place of rows where there are none.
            id: of the widget.
        """
        super().__init__(id=id)
        self._columns, self._cells, self.empty = columns, cells, empty
        self._keys: list[str] = []
        self._given: list[str] = []
        self._sorted_by: int | None = None
        self._reversed = False
        self._letters: dict[int, str] = {}
        self._drawn: dict[str, Strip] = {}
        self._drawn_width = 0
        self._needed = layout.needs(columns, [])
        """Cells of each column that show whole what was seen of it."""
        self._told: str | None = None
        self._was_shown = False

    @property
    def keys(self) -> Sequence[str]:
        """The keys of all rows, in order."""
        return self._keys

    @property
    def key(self) -> str | None:
        """The key under the cursor."""
        return self._keys[self.cursor] if self._keys else None

    @property
    def text(self) -> str:
        """The rows around what is seen, for copying."""
        first = max(0, self.scroll_offset.y - 100)
        shown = self._keys[first : first + 300]
        titles = [column.title for column in self._columns]
        rows: list[Sequence[str | Text]] = [titles, *map(self._cells, shown)]
        needed = layout.needs(self._columns, rows)
        widths = layout.widths(self._columns, needed, layout.whole(needed))
        return "\n".join(layout.row(widths, cells).plain.rstrip() for cells in rows)

    def show(self, keys: Sequence[str]) -> None:
        """Takes other rows; the cursor stays on its key where that is still there."""
        if keys == self._given and self._was_shown:
            return
        self._was_shown = True
        self._given = list(keys)
        self._arrange()

    def _arrange(self) -> None:
        key, at = self.key, self.cursor
        self._keys = self._in_order()
        row = self._keys.index(key) if key in self._keys else at
        self.set_reactive(Rows.cursor, max(0, min(row, len(self._keys) - 1)))
        self.virtual_size = Size(self.size.width, len(self._keys) + 1)
        self._follow()
        self._needed = layout.needs(self._columns, [self._titles()])
        self._drawn.clear()
        self.refresh()
        self._tell()

    def _in_order(self) -> list[str]:
        column = self._sorted_by
        if column is None or len(self._given) > order.MOST:
            return list(reversed(self._given) if self._reversed else self._given)
        ranks = {key: order.rank(self._cell(key, column)) for key in self._given}
        ordered = sorted(self._given, key=ranks.__getitem__, reverse=self._reversed)
        # What is empty comes last, either way.
        return sorted(ordered, key=lambda key: order.is_empty(ranks[key]))

    def _cell(self, key: str, column: int) -> str:
        cells = self._cells(key)
        return str(cells[column]) if column < len(cells) else ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Returns False for the keys of order in a list that no column orders, as a form."""
        if action not in ("sort", "reverse"):
            return True
        return any(column.sorts for column in self._columns)

    def action_sort(self) -> None:
        """Orders by the next column; after the last one as it was."""
        shown = range(len(self._widths))
        able = [None, *(index for index in shown if self._columns[index].sorts)]
        at = able.index(self._sorted_by) if self._sorted_by in able else 0
        self._sorted_by = able[(at + 1) % len(able)]
        self._arrange()

    def action_reverse(self) -> None:
        """Orders the other way round."""
        self._reversed = not self._reversed
        self._arrange()

    def show_letters(self) -> None:
        """Shows a letter in front of each row that is seen; the next key goes to its row."""
        first = self.scroll_offset.y
        seen = range(first, min(len(self._keys), first + self.size.height - 1))
        self._letters = dict(zip(seen, _LETTERS, strict=False))
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        """Takes the letter of a row while letters are shown; any other key puts them away."""
        if not self._letters:
            return
        event.stop()
        event.prevent_default()
        rows = {letter: row for row, letter in self._letters.items()}
        self._letters = {}
        self.refresh()
        if (row := rows.get(event.character or "")) is not None:
            self.cursor = row

    def table(self) -> list[list[str]]:
        """Returns the titles, then all rows, as plain text, for a file."""
        titles = [column.title for column in self._columns]
        rows = [[cell.plain for cell in self._cells(key)] for key in self._keys]
        return [titles, *rows]

    def go(self, key: str) -> None:
        """Puts the cursor on a key."""
        if key in self._keys:
            self.cursor = self._keys.index(key)

    def redraw(self) -> None:
        """Reads all rows again, and sends those that changed; columns may get narrower."""
        first = self.scroll_offset.y
        seen = self._keys[first : first + self.size.height]
        needed = layout.needs(self._columns, [self._titles(), *map(self._cells, seen)])
        if needed != self._needed:
            self._needed = needed
            self._drawn.clear()
            self.refresh()
            return
        before = {key: self._drawn.get(key) for key in seen}
        self._drawn.clear()
        for index, key in enumerate(seen, start=first + 1):
            if before[key] is None or self._strip(key) != before[key]:
                self.refresh_line(index)

    def redraw_row(self, key: str) -> None:
        """Reads one row again, and sends it where it changed."""
        before = self._drawn.pop(key, None)
        if before is None:
            return
        y = self._keys.index(key) + 1
        if 0 < y - self.scroll_offset.y < self.size.height and self._strip(key) != before:
            self.refresh_line(y)

    def watch_cursor(self, before: int, after: int) -> None:
        """Moves the cursor's look, and tells which row it is on."""
        self.refresh_line(before + 1)
        self.refresh_line(after + 1)
        self._follow()
        self._tell()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Does nothing: the cursor's look is drawn anew; to compute all styles takes 1 ms."""

    def validate_cursor(self, value: int) -> int:
        """Keeps the cursor on a row."""
        return max(0, min(value, len(self._keys) - 1))

    def on_resize(self, event: events.Resize) -> None:
        """Lays the columns out anew."""
        self.virtual_size = Size(event.size.width, len(self._keys) + 1)
        if event.size.width != self._drawn_width:
            self._drawn_width = event.size.width
            self._drawn.clear()
            self.refresh()
        self._follow()

    def on_click(self, event: events.Click) -> None:
        """Moves the cursor to the row; a click on the cursor's row, or a double one, opens it."""
        index = event.y - 1 + self.scroll_offset.y
        if event.y == 0 or not 0 <= index < len(self._keys):
            return
        again = index == self.cursor
        self.cursor = index
        if again or event.chain > 1:
            self.action_choose()

    def action_choose(self) -> None:
        """Opens the row under the cursor."""
        if (key := self.key) is not None:
            self.post_message(self.Chosen(self, key))

    def action_move(self, rows: int) -> None:
        """Moves by rows."""
        self.cursor += rows

    def action_move_page(self, pages: int) -> None:
        """Moves by what fits."""
        self.cursor += pages * max(1, self.size.height - 2)

    def action_first(self) -> None:
        """Goes to the first row."""
        self.cursor = 0

    def action_last(self) -> None:
        """Goes to the last row."""
        self.cursor = len(self._keys) - 1

    def render_lines(self, crop: Region) -> list[Strip]:
        """Returns the lines, after all rows that are seen told what their columns need."""
        first = self.scroll_offset.y
        for key in self._keys[first : first + self.size.height - 1]:
            self._strip(key)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Returns a line of the list: the titles, or a row."""
        if y == 0:
            titles = layout.row(self._widths, self._titles())
            style = self.get_component_rich_style("rows--header")
            return self._finished(titles, style if self._keys else self.rich_style)
        index = y - 1 + self.scroll_offset.y
        if index < len(self._keys):
            key = self._keys[index]
            strip = self._strip(key)
            if index in self._letters:
                style = self.get_component_rich_style("rows--cursor")
                return self._finished(line(self._letters[index], strip.text[1:]), style)
            if index != self.cursor:
                return strip
            # Without the colours of its cells, which would not be legible in reverse.
            marked = line(CURSOR, strip.text[len(CURSOR) :])
            look = "rows--cursor-with-keys" if self.has_focus else "rows--cursor"
            return self._finished(marked, self.get_component_rich_style(look))
        if self._was_shown and not self._keys and y >= 2:
            lead = " " * MARGIN
            words = [it for text in self.empty for it in wrapped(text, self._room, lead=lead)]
            if y - 2 < len(words):
                return self._finished(words[y - 2], self.rich_style)
        return Strip.blank(self.size.width, self.rich_style)

    def _titles(self) -> list[str]:
        sorted_by = self._sorted_by if len(self._given) <= order.MOST else None
        return [
            f"{column.title} {'↑' if self._reversed else '↓'}"
            if index == sorted_by
            else column.title
            for index, column in enumerate(self._columns)
        ]

    def _strip(self, key: str) -> Strip:
        if key not in self._drawn:
            if len(self._drawn) > 1000:
                self._drawn.clear()
            cells = self._cells(key)
            self._make_room(cells)
            text = layout.row(self._widths, cells)
            self._drawn[key] = self._finished(text, self.rich_style)
        return self._drawn[key]

    def _make_room(self, cells: Sequence[Text]) -> None:
        """Lay all rows out anew where a cell is longer than those before; none gets narrower."""
        longest = list(map(max, self._needed, layout.needs(self._columns, [cells])))
        if longest != self._needed:
            self._needed = longest
            self._drawn.clear()
            self.refresh()

    @property
    def _widths(self) -> list[tuple[Column, int]]:
        return layout.widths(self._columns, self._needed, self._room)

    def _finished(self, text: Text, style: Style) -> Strip:
        width = self.size.width
        strip = Strip(text.render(self.app.console)).crop_extend(0, width, None)
        return strip.apply_style(style)

    @property
    def _room(self) -> int:
        return self.scrollable_content_region.width

    def _follow(self) -> None:
        """Scroll so that the cursor is seen."""
        top, height = round(self.scroll_target_y), max(1, self.size.height - 1)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, immediate=True)

    def _tell(self) -> None:
        if self.key != self._told:
            self._told = self.key
            self.post_message(self.Highlighted(self, self.key))
