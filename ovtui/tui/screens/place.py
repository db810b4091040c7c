"""A place: a list, its detail panes, and the keys that every place shares."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from ovtui.core.text.cells import shorten
from ovtui.core.text.errors import UserError
from ovtui.tui import keys
from ovtui.tui.textual_internals import paint_now
from ovtui.tui.widgets.pane import Pane, PaneTitle
from ovtui.tui.widgets.rows import Rows
from ovtui.tui.widgets.strip import KeyLine, PlaceStrip, Word, WordStrip
from ovtui.tui.widgets.title import TitleLine

if TYPE_CHECKING:
    from textual.widgets import Input

    from ovtui.core.text.row_filter import Value
    from ovtui.tui.app import Dashboard
    from ovtui.tui.run_index import Look

_LEAST_PANE = 56
"""Cells of a pane where more than two are shown."""
_PLACE_TITLES = tuple(place.capitalize() for place in keys.PLACES)


class Place(Screen[None]):
    """One of the numbered places; the first pane is its list."""

    PLACE: ClassVar[str]
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("place")]
    AUTO_FOCUS = "Rows"

    # The focus shows in the panes alone; Textual would paint all of the screen again.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    title_line = getters.query_one(TitleLine)
    places = getters.query_one("#places", PlaceStrip)
    key_line = getters.query_one(KeyLine)

    def __init__(self) -> None:
        super().__init__()
        self._css_update_count = 0  # else all styles are parsed again for a place: 13 ms
        self.filter_text = self.dashboard.remembered.filters.get(self.PLACE, "")
        self._typed_ahead: str | None = None
        """What was typed while the filter's field opens; enter is the end of a line."""
        self._kept_key = self.dashboard.remembered.cursors.get(self.PLACE, "")
        self.subject = ""
        """What the list is of, beside its title."""
        self._counted = ""
        self._panes = list(self.panes())
        self._front = 0
        self._beside = 1
        self._zoomed = False

    @property
    def dashboard(self) -> Dashboard:
        """The application, with what all places share."""
        return self.app  # type: ignore[return-value]

    @abstractmethod
    def panes(self) -> Sequence[Pane]:
        """Returns the panes: a list first, then what tells more of its row."""

    def look(self, look: Look) -> None:
        """Takes in what changed in the run folders."""

    def take_up(self) -> None:
        """Shows the newest, after another place was shown."""

    def redraw_rows(self) -> None:
        """Fills the list, after the filter changed."""

    @property
    def filtered_pane(self) -> int:
        """The pane that the filter is for, which has the keys after it."""
        return 0

    def go(self, key: str) -> None:
        """Puts the cursor on a row, as soon as it is in the list."""
        self._kept_key = key
        self.redraw_rows()

    def brings_back(self, key: str) -> bool:
        """Returns whether the row that the cursor was on last time is taken up again."""
        return True

    @on(Rows.Highlighted)
    def _remember_row(self, event: Rows.Highlighted) -> None:
        if event.key is not None and not self._kept_key:
            self.dashboard.remembered.cursors[self.PLACE] = event.key

    def compose(self) -> ComposeResult:
        """Yields title, places, panes, filter, keys."""
        # Classes that come after the styles were computed cost 10 ms.
        self.add_class(*self.dashboard.size_classes(), update=False)
        self._show_panes()
        yield TitleLine()
        yield PlaceStrip(gap=" ", id="places")
        with Horizontal(id="panes"):
            yield from self._panes
        yield KeyLine()

    def on_mount(self) -> None:
        """Fills the fixed lines."""
        self.title_line.host = self.dashboard.host
        self.places.show(
            [
                Word(place, f"{number} {title}", place == self.PLACE)
                for number, (place, title) in enumerate(
                    zip(keys.PLACES, _PLACE_TITLES, strict=True)
                )
            ]
        )
        self.show_keys()
        self._name_panes()

    def show_keys(self) -> None:
        """Fills the last line: the keys that matter here, and do something."""
        sections = ("list", self.PLACE, "everywhere")
        words = keys.footer(sections, self.dashboard.keymap)
        able = [word for word in words if self.check_action(word[0].action, ()) is not False]
        self.key_line.show([Word(key.id, text) for key, text in able])

    def on_screen_resume(self) -> None:
        """Shows the newest; before the first paint the frame alone."""
        if self.dashboard.is_painted:
            self.fill()

    def fill(self) -> None:
        """Shows what the run folders tell."""
        self.dashboard.remembered.place = self.PLACE
        self.tell_title()
        self.take_up()

    def tell_title(self) -> None:
        """Fills the first line: host, living runs, marks."""
        alive = self.dashboard.index.alive
        running = sum(facts.state != "waiting" for facts in alive)
        self.title_line.running = running
        self.title_line.waiting = len(alive) - running
        self.title_line.marked = len(self.dashboard.session.marks)
        self.title_line.paused = self.dashboard.said("{pause}") if self.dashboard.paused else ""

    def on_resize(self, event: events.Resize) -> None:
        """Shows as many panes as there is room for; their titles say where only one is seen."""
        self._arrange()

    @property
    def front(self) -> Pane:
        """The pane that has the keys."""
        return self._panes[self._front]

    def bring_front(self, index: int) -> None:
        """Shows a pane and gives it the keys."""
        self._front = index % len(self._panes)
        if self._front:
            self._beside = self._front
        self._mark_front()
        self._arrange()
        self.set_focus(self.front.focus_target)

    def _mark_front(self) -> None:
        """Moves the sign in the titles before the panes are laid out anew: that takes 15 ms."""
        shown = [pane for pane in self._panes if pane.display]
        for pane in shown:
            pane.mark(self.front.title)
        if self.is_current and self.dashboard.is_painted:
            paint_now(self, [pane.heading for pane in shown])

    def _arrange(self) -> None:
        self._show_panes()
        self._name_panes()

    def _show_panes(self) -> None:
        # Not by classes: to compute the styles of three panes anew takes 8 ms, of a key's 25.
        seen = self._seen()
        for index, pane in enumerate(self._panes):
            if index in seen and not pane.display:
                pane.prepare()
            pane.display = index in seen

    def _seen(self) -> set[int]:
        """The panes that are shown: the front one, beside it as many as have room."""
        sizes = self.dashboard.size_classes()
        if self._zoomed or "-narrow" in sizes:
            return {self._front}
        seen = {0, self._front, self._beside}
        if "-xwide" in sizes:
            room = max(3, self.dashboard.size.width // _LEAST_PANE)
            for index in range(len(self._panes)):
                if len(seen) < room:
                    seen.add(index)
        return seen

    def _name_panes(self) -> None:
        """Names each pane that is seen; those that are not are named where they would stand."""
        seen = self._seen()
        others = max(seen - {0}, default=0) if self._beside not in seen else self._beside
        for index, pane in enumerate(self._panes):
            hidden = [at for at in range(len(self._panes)) if at not in seen]
            shown = sorted([index, *hidden]) if index == others or len(seen) == 1 else [index]
            titles = [self._panes[at].title for at in shown]
            words = [self._counted, self.subject] if index == 0 else []
            pane.name_titles(titles, self.front.title, "  ".join(filter(None, words)))

    @on(events.DescendantFocus)
    async def _follow_focus(self, event: events.DescendantFocus) -> None:
        for index, pane in enumerate(self._panes):
            if event.widget is pane.body is self.focused and index != self._front:
                self.bring_front(index)
        if self._typed_ahead is not None and event.widget in self.query("#filter Input"):
            from ovtui.tui.widgets.filter_field import FilterField

            typed, self._typed_ahead = self._typed_ahead, None
            await self.query_one(FilterField).take(typed)

    @on(WordStrip.Picked)
    def _follow_click(self, event: WordStrip.Picked) -> None:
        if isinstance(event.strip, PaneTitle):
            titles = [pane.title for pane in self._panes]
            self.bring_front(titles.index(event.word))
        elif isinstance(event.strip, KeyLine):
            key = next(key for key in keys.every() if key.id == event.word)
            self.call_later(self.run_key, key)
        else:
            self.dashboard.action_place(event.word)

    async def run_key(self, key: keys.Key) -> None:
        """Does what a key does, as the palette and a click ask for it."""
        owner = self.focused if key.id.startswith(("list.", "page.")) else None
        everywhere = key in keys.TABLE["everywhere"]
        await self.app.run_action(key.action, self.app if everywhere else owner or self)

    def action_next_pane(self) -> None:
        """Goes to the pane to the right."""
        self.bring_front(self._front + 1)

    def action_previous_pane(self) -> None:
        """Goes to the pane to the left."""
        self.bring_front(self._front - 1)

    def action_zoom(self) -> None:
        """Shows one pane alone, or all again."""
        self._zoomed = not self._zoomed
        for pane in self._panes:
            pane.set_class(self._zoomed, "-alone")
        self._arrange()

    def action_back(self) -> None:
        """Goes one step back: zoom, filter, pane."""
        if self._zoomed:
            self.action_zoom()
        elif self._front:
            self.bring_front(0)
        elif self.filter_text:
            self._set_filter("")

    async def action_filter(self) -> None:
        """Asks what the list's rows must contain."""
        from ovtui.tui.widgets.filter_field import FilterField  # 15 ms that only a filter costs

        if not self.query("#filter"):
            await self.mount(FilterField(self.sought), before=self.key_line)
        else:
            self._typed_ahead = None

    @property
    def sought(self) -> str:
        """What the filter's field begins with."""
        return self.filter_text

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrows the list while the filter is typed."""
        self._set_filter(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keeps the filter."""
        self.query("#filter").remove()
        self.bring_front(self.filtered_pane)

    def on_key(self, event: events.Key) -> None:
        """Opens the filter, clears it at escape, and keeps what is typed before it is there.

        The field takes a moment to open; keys that come meanwhile, such as `r`, would do things.
        """
        field = self.query("#filter")
        if event.key == "escape" and field:
            field.remove()
            self._set_filter("")
            self.bring_front(self.filtered_pane)
        elif self._typed_ahead is not None and (event.is_printable or event.key == "enter"):
            self._typed_ahead += event.character or "" if event.is_printable else "\n"
        elif not field and event.key in self._filter_keys:
            self._typed_ahead = ""
            self.call_later(self.action_filter)
        else:
            return
        event.stop()
        event.prevent_default()

    @property
    def _filter_keys(self) -> Sequence[str]:
        """The keys of the filter, as they are set."""
        (key,) = (key for key in keys.TABLE["place"] if key.id == "filter")
        return self.dashboard.keymap.get(key.id, key.keys).split(",")

    def _set_filter(self, text: str) -> None:
        if text != self.filter_text:
            self.filter_text = self.dashboard.remembered.filters[self.PLACE] = text
            self.redraw_rows()

    def show_rows(self, rows: Mapping[str, Iterable[str]]) -> None:
        """Shows the rows that pass the filter, and says beside the list's title that there is one.

        Args:
            rows: by key what is looked for in each.
        """
        kept, problem = list(rows), ""
        if self.filter_text:
            kept, problem = self._filtered(rows)
        rest = problem or f"{len(kept)} of {len(rows)}"
        self._counted = f"/{shorten(self.filter_text, 20)}  {rest}" if self.filter_text else ""
        self._name_panes()
        body = self._panes[0].body
        assert isinstance(body, Rows)
        body.show(kept)
        if self._kept_key in kept and self.brings_back(self._kept_key):
            body.go(self._kept_key)
            self._kept_key = ""

    def _filtered(self, rows: Mapping[str, Iterable[str]]) -> tuple[list[str], str]:
        """The rows that pass the filter, and what is wrong with it."""
        from ovtui.core.text.row_filter import RowFilter

        wanted = RowFilter(self.filter_text, self.filter_keys())
        kept = [
            key
            for key, texts in rows.items()
            if wanted.passes(texts, self.fields(key) if wanted.needs_fields else {})
        ]
        return kept, wanted.problem

    def filter_keys(self) -> Sequence[str]:
        """Returns what `key:text` and `key>number` of a filter may name."""
        return ()

    def fields(self, key: str) -> Mapping[str, Value]:
        """Returns the values of `filter_keys` in a row."""
        return {}

    @on(Rows.Chosen)
    def _open_row(self, event: Rows.Chosen) -> None:
        self.open_row(event.key)

    def open_row(self, key: str) -> None:
        """Opens the detail of a row, at enter."""
        self.bring_front(1)

    def action_copy(self) -> None:
        """Copies the pane as text."""
        self.dashboard.copy_text(self.front.body.text)

    def action_pager(self) -> None:
        """Opens the pane in the pager."""
        self.dashboard.open_pager(self.pager_text())

    def pager_text(self) -> str:
        """Returns what the pager shows: all of the front pane."""
        return self.front.body.text

    def action_jump(self) -> None:
        """Shows a letter for each row of the list."""
        self.bring_front(0)
        rows = self._panes[0].body
        assert isinstance(rows, Rows)
        rows.show_letters()

    def action_export(self) -> None:
        """Writes the list as it is filtered and sorted."""
        from ovtui.tui import outside

        rows = self._panes[0].body
        assert isinstance(rows, Rows)
        try:
            path = outside.export(self.PLACE, rows.table())
        except UserError as error:
            self.dashboard.refuse(str(error))
        else:
            self.dashboard.tell(f"written: {path}")
