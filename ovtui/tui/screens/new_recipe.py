"""A new recipe for a model: all of it proposed, tried on one sample, then written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input

from ovtui.core.asking.new_recipe import (
    VARIANTS,
    NewRecipe,
    Tried,
    new_recipe,
    save,
    try_draft,
)
from ovtui.core.recipes.recipe_text import toml_value, value_of
from ovtui.core.recipes.source import ARRAYS, TABLES
from ovtui.core.recipes.task import TASKS
from ovtui.core.text.errors import UserError
from ovtui.tui import keys, outside
from ovtui.tui.pages import new_recipe as pages
from ovtui.tui.screens.form import Form
from ovtui.tui.screens.pick_file import PickFile
from ovtui.tui.text import FAINT, MARKED, STRONG, WARN, cell, line, shorten_middle
from ovtui.tui.widgets.columns import Column
from ovtui.tui.widgets.rows import Rows

_COLUMNS = (
    Column("value of", 31, sorts=False),
    Column("proposed", 24, sorts=False, grows=True),
)
_NAMES = 46
"""Cells that are left of a value, and beside it, at most."""
_DATA, _TASK, _VARIANT = "data.source", "task", "variant "
_ELSEWHERE = (_DATA, _TASK, "model.source", VARIANTS)
"""Keys that have a row of their own, or none."""
_RUN, _LEAVE_OUT = "run", "leave out"
_NOTHING_YET = "nothing is written before {new.write}, {new.edit} or {new.start}"
_NO_DATA = "give your data first: {list.open} on data.source"


class NewRecipeForm(Form[None]):
    """A form: a row for each value, its reason and one sample below."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("new"), *keys.bindings("field")]
    SECTIONS = ("new", "everywhere")
    HELP_SECTIONS = ("new", "field", "list")
    PLACEHOLDER = "your data: a file, or a folder; {field.pick} chooses it"

    class Proposed(Message):
        """A recipe was proposed."""

        def __init__(self, new: NewRecipe) -> None:
            super().__init__()
            self.new = new

    class Answered(Message):
        """What a draft says of one sample."""

        def __init__(self, text: str, tried: Tried) -> None:
            super().__init__()
            self.text, self.tried = text, tried

    def __init__(self, model: str) -> None:
        """A form.

        Args:
            model: path of a file or folder.
        """
        super().__init__(_COLUMNS)
        self._model, self._data = model, ""
        self._said_task = ""
        """As a person says, in place of the task that is found."""
        self._new: NewRecipe | None = None
        self._tried: Tried | None = None
        self._doing = self.dashboard.said(
            "give your data: a file, or a folder; {field.pick} or {new.pick} chooses it from files"
        )

    def begin(self) -> None:
        """Asks for the data."""
        self._show()
        self.call_after_refresh(self.action_change)

    def _show(self) -> None:
        new = self._new
        names = [it.key for it in new.decisions if it.key not in _ELSEWHERE] if new else []
        variants = [_VARIANT + name for name in new.variants] if new else []
        self._rows.show([_DATA, _TASK, *names, *variants])
        self._rows.redraw()
        for page in (self.heading, self.notes):
            self.redraw_page(page)

    def _heading(self, width: int) -> list[Text]:
        place = str(self._new.path) if self._new else self.dashboard.said(_NOTHING_YET)
        return [line(("new recipe for ", FAINT), (self._model, STRONG)), cell(place, FAINT)]

    def _cells(self, key: str) -> Sequence[Text]:
        new = self._new
        if new is not None and key.startswith(_VARIANT):
            name = key.removeprefix(_VARIANT)
            action = _RUN if new.variants[name] else _LEAVE_OUT
            return [line("  ", name), line(f"‹ {action} ›", ("  variant", FAINT))]
        decision = new.decision(key) if new else None
        if new is None or decision is None:
            given = self._data if key == _DATA else self._said_task
            return [line("  ", key), cell(given or "…", FAINT)]
        changed = (f"{MARKED} ", STRONG) if new.is_changed(key) else "  "
        mark = ("? ", WARN) if decision.uncertain else changed
        value = toml_value(decision.value)
        shown = cell(shorten_middle(value, self.size.width - _NAMES) if key == _DATA else value)
        return [line(mark, key), line("‹ ", shown, " ›") if key == _TASK else shown]

    def _lines(self, width: int) -> list[Text]:
        decision = self._new.decision(self._rows.key or "") if self._new else None
        return [
            *pages.reason(decision, width),
            *pages.sample(self._tried, self._doing, width),
        ]

    def _propose(self) -> None:
        """Look at model and data anew."""
        self._new, self._tried, self._doing = None, None, "looking at the model and the data …"
        self._show()
        self._look(self._data, self._said_task)

    @work(thread=True, exclusive=True, group="look")
    def _look(self, data: str, task: str) -> None:
        try:
            self.post_message(self.Proposed(new_recipe(self._model, data, task)))
        except UserError as error:
            self.post_message(self.Answered("", Tried(error=str(error))))

    @on(Proposed)
    def _take(self, event: Proposed) -> None:
        data = Path(self._data).expanduser().absolute()
        if data.exists():  # it may be a hub id, too
            self.dashboard.remembered.took_data(str(data))
        self._check(event.new)

    def _check(self, new: NewRecipe) -> None:
        """Take a draft, and try it on one sample."""
        self._new, self._tried, self._doing = new, None, "trying it on one sample …"
        self._show()
        self._try(new)

    @work(thread=True, exclusive=True, group="try")
    def _try(self, new: NewRecipe) -> None:
        try:
            tried = try_draft(new)
        except UserError as error:
            tried = Tried(error=str(error))
        self.post_message(self.Answered(new.text, tried))

    @on(Answered)
    def _show_answer(self, event: Answered) -> None:
        if event.text != (self._new.text if self._new else ""):
            return  # of a draft that was changed meanwhile
        self._tried = event.tried
        self._show()

    def action_change(self) -> None:
        """Has a value typed, or takes the next one where there are only some."""
        key = self._rows.key
        if key is None:
            return
        if key == _TASK or key.startswith(_VARIANT):
            self.action_turn(1)
            return
        decision = self._new.decision(key) if self._new else None
        shown = toml_value(decision.value) if decision else ""
        self.type_into(self._data if key == _DATA else shown)

    @on(Rows.Chosen)
    def _open_row(self) -> None:
        self.action_change()

    def action_turn(self, step: int) -> None:
        """Takes the next or previous of the values there are."""
        key = self._rows.key or ""
        if self._new is not None and key.startswith(_VARIANT):
            name = key.removeprefix(_VARIANT)
            self._new = self._new.with_variant(name, run=not self._new.variants[name])
            self._show()  # which variants there are is no matter to the baseline
        elif key == _TASK and self._data:
            names, decision = list(TASKS), self._new.decision(_TASK) if self._new else None
            at = names.index(str(decision.value)) if decision else -1
            self._said_task = names[(at + step) % len(names)]
            self._propose()

    @on(Input.Submitted)
    def _take_typed(self, event: Input.Submitted) -> None:
        key, text = self._rows.key, event.value.strip()
        if key == _DATA and not text:
            return  # the form begins with this field: what is typed next belongs into it
        self.stop_typing()
        if key == _DATA:
            self._take_data(text)
        elif self._new is not None and key is not None and text:
            self._check(self._new.changed(key, value_of(text)))

    def _take_data(self, data: str) -> None:
        self._data = data
        self._propose()

    def action_pick(self) -> None:
        """Chooses the data from files and folders, those that were taken before first."""
        known = Path(self._data or self._model).absolute()
        begin = known if known.is_dir() and self._data else known.parent

        def picked(path: str | None) -> None:
            if path is not None:
                self.stop_typing()
                self._rows.go(_DATA)
                self._take_data(path)

        earlier = self.dashboard.remembered.data
        picker = PickFile("data", begin, (*TABLES, ARRAYS), earlier=earlier, folders=True)
        self.app.push_screen(picker, picked)

    def action_unset(self) -> None:
        """Takes the value that was proposed."""
        key = self._rows.key or ""
        if key == _TASK and self._said_task:
            self._said_task = ""
            self._propose()
        elif self._new is not None and self._new.decision(key) and self._new.is_changed(key):
            self._check(self._new.restored(key))

    def action_write(self) -> None:
        """Writes the recipe."""
        self._write(lambda path: self.dashboard.tell(f"written: {path}"))

    def action_edit(self) -> None:
        """Writes it, and opens it in the editor."""

        def edit(path: Path) -> None:
            try:
                outside.edit(self.dashboard, path)
            except UserError as error:
                self.dashboard.refuse(str(error))

        self._write(edit)

    def action_start(self) -> None:
        """Writes it, and opens the form that starts it."""
        self._write(lambda path: self.dashboard.open_start(str(path)))

    def _write(self, then: Callable[[Path], None]) -> None:
        """Write the recipe, after a question where there is one, and leave the form."""
        from ovtui.tui.screens.dialogs import Question

        new = self._new
        if new is None:
            error = self._tried.error if self._tried else None
            self.dashboard.refuse(error or self.dashboard.said(_NO_DATA))
            return

        def answered(yes: bool | None) -> None:
            if not yes:
                return
            try:
                save(new, replace=True)
            except UserError as error:
                self.dashboard.refuse(str(error))
                return
            self.dismiss()
            self.app.call_later(then, new.path)

        if new.path.exists():
            self.app.push_screen(Question(f"{new.path}: is there already; replace it?"), answered)
        else:
            answered(True)

    def action_leave(self) -> None:
        """Writes nothing."""
        self.dismiss()
