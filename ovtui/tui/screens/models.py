"""Models: sources, and what was made from them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.binding import BindingType
from textual.message import Message

from ovtui.core.asking.model_facts import facts_of
from ovtui.core.home import directories
from ovtui.core.recipes import catalog, fitting
from ovtui.core.recipes.catalog import ModelEntry
from ovtui.core.recipes.source import MODELS
from ovtui.core.runs.lineage import Model, lineage
from ovtui.core.text.errors import UserError
from ovtui.core.text.units import human_bytes
from ovtui.tui import keys
from ovtui.tui.pages import model as model_page
from ovtui.tui.run_index import Look
from ovtui.tui.screens.pick_file import PickFile
from ovtui.tui.screens.place import Place
from ovtui.tui.screens.recipe_choice import NEW, Offer, RecipeChoice
from ovtui.tui.text import FAINT, cell, line
from ovtui.tui.widgets.columns import Column
from ovtui.tui.widgets.page import Page
from ovtui.tui.widgets.pane import Pane
from ovtui.tui.widgets.rows import Rows

_COLUMNS = (
    Column("model", 24, grows=True, middle=True),
    Column("task", 30),
    Column("size", 9, right=True),
    Column("precision", 12),
    Column("format", 11),
    Column("from", 10, extra=True),
)


class Models(Place):
    """The numbered place of models."""

    PLACE = "models"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("models")]

    class Listed(Message):
        """The models of this machine were read."""

        def __init__(self, models: Sequence[Model], added: Path | None) -> None:
            super().__init__()
            self.models, self.added = models, added

    class NotFound(Message):
        """The models could not be read."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    class Offered(Message):
        """It is known which recipes fit a model."""

        def __init__(self, model: Model, offers: dict[str, Offer]) -> None:
            super().__init__()
            self.model, self.offers = model, offers

    def panes(self) -> Sequence[Pane]:
        """Returns list and model."""
        self._models: dict[str, Model] = {}
        self._unfolded: set[str] = set()
        self._parts: dict[str, ModelEntry] = {}
        self._added: Path | None = None
        """A folder that was added just now: the cursor goes to the first model in it."""
        self._rows = Rows(_COLUMNS, self._cells, empty=["Looking for models …"], id="models")
        self._page = Page()
        return [Pane("Models", self._rows), Pane("Model", self._page)]

    def take_up(self) -> None:
        """Looks for models."""
        self._read()

    def look(self, look: Look) -> None:
        """Renews the list: runs that came, went or ended have other outputs."""
        if look.listed:
            self._read()

    @work(thread=True, exclusive=True, group="models")
    def _read(self) -> None:
        added = self._added
        try:
            models = lineage(catalog.models(), catalog.recipes(), directories.home() / "runs")
        except UserError as error:
            self.post_message(self.NotFound(str(error)))
            return
        self.post_message(self.Listed(models, added))

    @on(NotFound)
    def _tell(self, event: NotFound) -> None:
        self.dashboard.refuse(event.words)

    @on(Listed)
    def _show(self, event: Listed) -> None:
        self.dashboard.models = event.models
        self._models = {model.key: model for model in event.models}
        if event.added is not None and event.added == self._added:  # not read before it was added
            self._go_to_first(event.added)
            self._added = None
        self.redraw_rows()
        self._rows.redraw()
        self._page.redraw()

    def _go_to_first(self, folder: Path) -> None:
        """Put the cursor on the first model below a folder, or say that there is none."""
        inside = [it for it in self._models.values() if Path(it.path).is_relative_to(folder)]
        if inside:
            self.go(inside[0].key)
            self.dashboard.tell(f"{len(inside)} found in {folder}")
        else:
            self.dashboard.refuse(
                f"{folder}: no model in it; a model is an .xml or .onnx file, or a folder with a "
                "config.json and safetensors"
            )

    def redraw_rows(self) -> None:
        """Shows the models that pass the filter."""
        rows: dict[str, tuple[str, ...]] = {}
        self._parts = {}
        for model in self._models.values():
            rows[model.key] = (model.name, model.task, model.format, model.origin)
            if model.key in self._unfolded:
                for part in model.parts:
                    self._parts[part.path] = part
                    rows[part.path] = (*rows[model.key], Path(part.path).stem)
        self.show_rows(rows)

    @on(Rows.Highlighted)
    def _show_highlighted(self, event: Rows.Highlighted) -> None:
        if event.key is not None:
            self._page.show(partial(self._lines, event.key), from_top=True)

    def _lines(self, key: str, width: int) -> list[Text]:
        model = self._models.get(key)
        if model is None:
            return []
        result = self.dashboard.index.result_or_none(model.run) if model.run else None
        compress = self.dashboard.said(_COMPRESS) if model.recipes or not model.run else ""
        return [*model_page.page(model, result, width), line(), line(compress)]

    def _cells(self, key: str) -> Sequence[Text]:
        if (part := self._parts.get(key)) is not None:
            name = line("      · ", Path(part.path).stem)
            return [name, cell(""), cell(human_bytes(part.size_bytes))]
        model = self._models[key]
        return [
            line("  └ " if model.run else "", model.name, (_parts(model), FAINT)),
            cell(model.task),
            cell(human_bytes(model.size_bytes) if model.size_bytes else ""),
            cell(model.precision),
            cell(model.format),
            cell(model.origin),
        ]

    def action_bench(self) -> None:
        """Measures the file under the cursor, whatever made it."""
        from ovtui.core.recipes.source import model_format
        from ovtui.core.runs import request
        from ovtui.core.runs.run_request import Bench

        key = self._rows.key or ""
        path = key if key in self._parts else self._models.get(key, _NO_MODEL).path
        if not path or model_format(path) is None:
            parts = self.dashboard.said("{models.fold} shows the parts of others")
            self.dashboard.tell(f"measures an .xml or .onnx file; {parts}")
            return
        self.dashboard.session.did("bench", path)
        bench = Bench(models=[path])
        ask = partial(request.bench_request, bench, device="CPU", argv=["bench", path])
        self.dashboard.start(ask)

    def action_fold(self) -> None:
        """Shows the parts of a variant below it, or hides them."""
        key = self._rows.key or ""
        if self._models.get(key, _NO_MODEL).parts:
            self._unfolded ^= {key}
            self.redraw_rows()
            self._rows.redraw()

    def action_run(self) -> None:
        """Chooses a recipe for this model; one that starts from it needs no other model."""
        if (model := self._models.get(self._rows.key or "")) is not None:
            self._offer(model)

    def action_new(self) -> None:
        """Proposes a recipe for this model."""
        model = self._models.get(self._rows.key or "")
        if model is not None and model.path:
            self.dashboard.open_new(model.path)
        elif model is not None:
            self.dashboard.refuse(f"{model.name}: is no file or folder on this machine")

    def action_add(self) -> None:
        """Asks for a further folder that is searched for models."""
        from ovtui.core.home.models_folders import add_models_folder
        from ovtui.tui.screens.prompt import Prompt

        def answered(text: str | None) -> None:
            if text is None:
                return
            try:
                self._added = add_models_folder(text)
            except UserError as error:
                self.dashboard.refuse(str(error))
                return
            self.dashboard.remembered.added_models(str(self._added))
            self._read()

        keymap = self.dashboard.keymap
        self.app.push_screen(Prompt(_WHICH_FOLDER, self._folder_picker, keymap), answered)

    def _folder_picker(self) -> PickFile:
        """The dialog that chooses a folder, those that were added before first."""
        earlier = self.dashboard.remembered.models
        begin = Path(earlier[0]).parent if earlier else Path.cwd()
        return PickFile("folder with models", begin, tuple(MODELS), earlier=earlier, folders=True)

    @work(thread=True, exclusive=True, group="offers")
    def _offer(self, model: Model) -> None:
        """Tell which recipes fit a model."""
        try:
            offers = _offers(model)
        except UserError as error:
            self.post_message(self.NotFound(str(error)))
            return
        self.post_message(self.Offered(model, offers))

    @on(Offered)
    def _choose(self, event: Offered) -> None:
        model, offers = event.model, event.offers
        if not offers and not model.path:
            self.dashboard.refuse(f"no recipe names {model.name}, and it is no file or folder")
            return

        def chosen(path: str | None) -> None:
            if path == NEW:
                self.dashboard.open_new(model.path)
            elif path is not None:
                own = offers[path].own
                self.dashboard.open_start(path, model="" if own else model.path)

        if len(offers) == 1 and not model.path:
            chosen(next(iter(offers)))
            return
        choice = RecipeChoice(model.name, offers, can_be_new=bool(model.path))
        self.app.push_screen(choice, chosen)


_WHICH_FOLDER = "Which folder is searched for models, too? Of a model's file, its folder is."
_COMPRESS = "{models.run} compress: choose a recipe, device, options"
_NO_MODEL = Model(key="", name="", format="")


def _parts(model: Model) -> str:
    return f"  {len(model.parts)} parts" if model.parts else ""


def _offers(model: Model) -> dict[str, Offer]:
    """Recipes by path: those that start from a model, and all others where it is here.

    Raises:
        UserError: the model cannot be read.
    """
    facts = facts_of(model.path) if model.path else None
    offers = {}
    for entry in catalog.recipes():
        own = entry.name in model.recipes and not entry.problem
        if own or facts is not None:
            why_not = "" if own or facts is None else fitting.why_not(facts, entry)
            offers[entry.path] = Offer(entry.name, f"{entry.task}, {entry.origin}", own, why_not)
    return offers
