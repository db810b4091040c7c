"""Recipes: the list, and what one does."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.binding import BindingType

from ovtui.core.text.errors import UserError
from ovtui.tui import keys
from ovtui.tui.screens.place import Place
from ovtui.tui.text import BAD, FAINT, GOOD, WARN, cell, line, model_name, wrapped
from ovtui.tui.widgets.columns import Column
from ovtui.tui.widgets.page import Page
from ovtui.tui.widgets.pane import Pane
from ovtui.tui.widgets.rows import Rows

# The frame is painted before what fills it is imported; functions import the rest.
if TYPE_CHECKING:
    from ovtui.core.recipes.catalog import RecipeEntry
    from ovtui.tui.run_index import Look

_MOST_PAST = 30
"""Runs of a recipe that are shown."""
_ORDER = {"yours": 0, "demo": 1, "built in": 2}
_COLUMNS = (
    Column("recipe", 22),
    Column("last result", 22, grows=True),
    Column("when", 5, sorts=False),
    Column("model", 24, middle=True),
    Column("task", 13, extra=True),
    Column("variants", 8, extra=True),
    Column("from", 8, extra=True),
)


class Recipes(Place):
    """The numbered place of recipes."""

    PLACE = "recipes"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("recipes")]

    def panes(self) -> Sequence[Pane]:
        """Returns list, recipe and its runs."""
        self._entries: dict[str, RecipeEntry] = {}
        self._changed: dict[str, int] = {}
        self._offline: dict[str, bool | None] = {}
        self._rows = Rows(_COLUMNS, self._cells, empty=["No recipes."], id="recipes")
        self._page, self._history = Page(), Page()
        return [
            Pane("Recipes", self._rows),
            Pane("Recipe", self._page),
            Pane("History", self._history),
        ]

    def take_up(self) -> None:
        """Reads the recipes anew: an editor may have changed them."""
        from ovtui.core.recipes.catalog import recipes, recipes_changed

        self._changed = recipes_changed()
        self._entries = {entry.path: entry for entry in recipes()}
        self._offline.clear()
        self.redraw_rows()
        self._rows.redraw()
        self._page.redraw()
        self._history.redraw()

    def redraw_rows(self) -> None:
        """Shows the recipes that pass the filter."""
        # A person's own first, then those that need no network.
        ordered = sorted(self._entries.items(), key=lambda item: _ORDER.get(item[1].origin, 0))
        self.show_rows(
            {path: (entry.name, entry.task, entry.model, entry.origin) for path, entry in ordered}
        )

    def look(self, look: Look) -> None:
        """Renews the list: a run that ended may be a new last result, and somebody may have edited
        a recipe.
        """
        from ovtui.core.recipes.catalog import recipes_changed

        if recipes_changed() != self._changed:
            self.take_up()
            return
        if look.listed:
            self._offline.clear()  # what a run has fetched is there now
        index = self.dashboard.index
        names = {index.facts(id).name for id in look.changed}
        for key in self._rows.keys:
            if look.listed or self._entries[key].name in names:
                self._rows.redraw_row(key)
        if look.listed or names:
            self._history.redraw()

    @on(Rows.Highlighted)
    def _show_highlighted(self, event: Rows.Highlighted) -> None:
        if event.key is not None:
            self._page.show(partial(self._lines, event.key), from_top=True)
            self._history.show(partial(self._past, event.key), from_top=True)

    def _past(self, path: str, width: int) -> list[Text]:
        from ovtui.tui.pages import history

        index, name = self.dashboard.index, self._entries[path].name
        runs: list[history.Past] = []
        for id in index.done_of(name, _MOST_PAST):
            result = index.result_or_none(id)
            with suppress(UserError):
                if result is not None:
                    runs.append(history.Past(index.run(id).request(), result))
        if not runs:
            start = self.dashboard.said("; {recipes.run} starts one")
            return wrapped(f"{name} has no run that is done{start}.", width, FAINT)
        return history.page(name, runs, width)

    def _lines(self, path: str, width: int) -> list[Text]:
        from ovtui.core.recipes import readiness, recipe
        from ovtui.core.recipes.placed_recipe import placed
        from ovtui.tui.pages import recipe as recipe_page

        entry = self._entries[path]
        try:
            loaded = recipe.load(Path(path))
            absent = readiness.absent(placed(loaded, Path(path).parent))
        except UserError as error:
            return recipe_page.problem(entry.name, str(error), width)
        index = self.dashboard.index
        last = index.newest_of(entry.name)
        result = index.result_or_none(last) if last else None
        return recipe_page.page(loaded, absent, result, width)

    def _cells(self, path: str) -> Sequence[Text]:
        from ovtui.tui.pages import run as run_page

        entry = self._entries[path]
        if entry.problem:
            return [cell(entry.name), line(("✗ BROKEN  ", BAD), entry.problem)]
        index = self.dashboard.index
        last = index.newest_of(entry.name)
        news = line(("none  ", FAINT), self._readiness(path))
        when = ""
        if last is not None:
            facts = index.facts(last)
            news = run_page.news(facts, None, index.result_or_none(last))
            when = run_page.started(facts.created, datetime.now().astimezone())
        return [
            cell(entry.name),
            news,
            cell(when),
            cell(model_name(entry.model)),
            cell(entry.task),
            cell(", ".join(entry.variants)),
            cell(entry.origin),
        ]

    def _readiness(self, path: str) -> Text:
        if path not in self._offline:
            self._offline[path] = _is_offline(Path(path))
        offline = self._offline[path]
        if offline is None:
            return line(("✗ BROKEN", BAD))
        return line(("✓ offline", GOOD)) if offline else line(("! network", WARN))

    def action_run(self) -> None:
        """Chooses device and options, then starts."""
        if (path := self._rows.key) is not None:
            self.dashboard.open_start(path)

    def action_edit(self) -> None:
        """Opens the recipe in the editor; of one that comes with ovtui a copy, after a question."""
        from ovtui.core.recipes import recipe_copy
        from ovtui.tui.screens.dialogs import Question

        if (path := self._rows.key) is None:
            return
        if self._entries[path].origin == "yours":
            self._edit(path)
            return
        name, own = self._entries[path].name, recipe_copy.copy_of(Path(path))

        def answered(yes: bool | None) -> None:
            if not yes:
                return
            try:
                recipe_copy.copy(Path(path))
            except UserError as error:
                self.dashboard.refuse(str(error))
                return
            self.take_up()
            self._rows.go(str(own))
            self._edit(str(own))

        asked = f"{name} comes with ovtui, and an update replaces it. Copy it to {own} and edit it?"
        self.app.push_screen(Question(asked), answered)

    def _edit(self, path: str) -> None:
        from ovtui.tui import outside

        try:
            outside.edit(self.dashboard, Path(path))
        except UserError as error:
            self.dashboard.refuse(str(error))
        self.take_up()


def _is_offline(path: Path) -> bool | None:
    """Returns whether a recipe has all it needs; None where it cannot be read."""
    from ovtui.core.recipes import readiness, recipe
    from ovtui.core.recipes.placed_recipe import placed

    try:
        return not readiness.absent(placed(recipe.load(path), path.parent))
    except UserError:
        return None
