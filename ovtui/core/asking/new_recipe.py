"""A recipe for a model and data of a person's own: proposed, written, and tried on one sample."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from ovtui.core.asking.ask_engine import Answer, ask_engine
from ovtui.core.files.writing import writable, write_atomically
from ovtui.core.home import directories
from ovtui.core.recipes.data_facts import DataFacts
from ovtui.core.recipes.model_facts import ModelFacts, shape_in_words
from ovtui.core.recipes.proposal import propose
from ovtui.core.recipes.recipe_text import Decision, written
from ovtui.core.recipes.source import absolute, data_source, model_source
from ovtui.core.recipes.task import TASKS
from ovtui.core.results.prediction import Prediction
from ovtui.core.runs.request import recipe_request
from ovtui.core.text.errors import UserError

_HEADING = (
    "Written by `ovtui new`. A reason stands above each value; one that begins with ? is a guess."
)
VARIANTS = "variants"
_SAID = "as you said"
_PLAIN_NAMES = ("model", "openvino_model", "data", "metadata", "all")
"""Files that say less than their folder."""


class LookedFor(msgspec.Struct, kw_only=True):
    """A model and data that a recipe is wanted for."""

    model: str
    data: str | None


class Looked(Answer):
    """What they are."""

    model: ModelFacts | None = None
    data: DataFacts | None = None


class Tried(Answer):
    """What the baseline says of the first evaluation sample."""

    inputs: dict[str, str] = {}
    """Type and shape of what the model is given, by its inputs' names."""
    shown: dict[str, Any] = {}
    """The row, as far as words tell of it."""
    reference: Any = None
    """The right answer, as a person reads it."""
    prediction: Prediction | None = None
    warnings: list[str] = []


class NewRecipe(NamedTuple):
    """A recipe that is proposed."""

    path: Path
    """Where it belongs."""
    decisions: list[Decision]
    proposed: list[Decision]
    """The same before a person changed some."""

    @property
    def text(self) -> str:
        """Its TOML."""
        return written(self.decisions, _HEADING)

    def decision(self, key: str) -> Decision | None:
        """Returns its value of a key."""
        return next((it for it in self.decisions if it.key == key), None)

    def changed(self, key: str, value: Any) -> NewRecipe:
        """Returns the recipe with another value, as a person says."""
        said = Decision(key=key, value=value, reason=_SAID)
        return self._replace(decisions=[said if it.key == key else it for it in self.decisions])

    def restored(self, key: str) -> NewRecipe:
        """Returns the recipe with the value that was proposed."""
        before = {it.key: it for it in self.proposed}
        kept = [before[key] if it.key == key else it for it in self.decisions]
        return self._replace(decisions=kept)

    def is_changed(self, key: str) -> bool:
        """Tells whether a person said another value than was proposed."""
        return self.decision(key) not in self.proposed

    @property
    def variants(self) -> dict[str, bool]:
        """All proposed variants by name, and whether they are still in it."""
        kept = [it["name"] for it in next(it.value for it in self.decisions if it.key == VARIANTS)]
        proposed = next(it.value for it in self.proposed if it.key == VARIANTS)
        return {str(it["name"]): it["name"] in kept for it in proposed}

    def with_variant(self, name: str, *, run: bool) -> NewRecipe:
        """Returns the recipe with a proposed variant, or without it."""
        wanted = self.variants | {name: run}
        proposed = next(it.value for it in self.proposed if it.key == VARIANTS)
        return self.changed(VARIANTS, [it for it in proposed if wanted[str(it["name"])]])


def new_recipe(model: str, data: str | None, task: str = "", path: Path | None = None) -> NewRecipe:
    """Returns a recipe for a model and data, which are looked at.

    Args:
        model: a folder, file, hub id or function, from the working directory.
        data: the same; without any, what is needed is told.
        task: as a person says; found where empty.
        path: the recipe's file; in the person's recipes, by the names of both, where left out.

    Raises:
        UserError: one cannot be read, or they do not go together.
    """
    base = Path.cwd()
    model = absolute(model_source(model, base), model)
    if data is not None:
        data = absolute(data_source(data, base), data)
    looked = look(model, data)
    assert looked.model is not None
    if looked.data is None or data is None:
        raise UserError(f"{model}: {_what_is_needed(looked.model, task)}")
    name = f"{_short(model)}-{_short(data)}"
    place = path or directories.config_dir() / "recipes" / f"{name}.toml"
    decisions = propose(looked.model, looked.data, task)
    return NewRecipe(place, decisions, decisions)


def look(model: str, data: str | None) -> Looked:
    """Returns what a model and data are; weights are not loaded.

    Args:
        model: a file, a folder, or a name on the hub.
        data: the same; None looks at the model alone.

    Raises:
        UserError: one of them cannot be read.
    """
    return ask_engine("look", LookedFor(model=model, data=data), Looked)


def save(new: NewRecipe, *, replace: bool = False) -> None:
    """Writes a proposed recipe.

    Args:
        new: with its place, whose folder is made.
        replace: overwrite a file that is there.

    Raises:
        UserError: there is one already and it is not to be replaced, or it cannot be written.
    """
    if new.path.exists() and not replace:
        raise UserError(f"{new.path}: is there already; --force replaces it, -o names another")
    with writable(new.path):
        new.path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(new.path, new.text.encode())


def try_recipe(path: Path) -> Tried:
    """Converts a recipe's model and asks the baseline about the first evaluation sample.

    Raises:
        UserError: it cannot be done, and why.
    """
    request = recipe_request(str(path), model=None, device="CPU", overrides=[])
    return ask_engine("try_recipe", request, Tried)


def try_draft(new: NewRecipe) -> Tried:
    """Tries a recipe that is not written yet.

    Raises:
        UserError: it does not work, and why.
    """
    with tempfile.TemporaryDirectory() as folder:
        draft = new._replace(path=Path(folder) / new.path.name)
        save(draft)
        try:
            return try_recipe(draft.path)
        except UserError as error:
            raise UserError(str(error).removeprefix(f"{draft.path}: ")) from error


def _what_is_needed(model: ModelFacts, task: str) -> str:
    """What data a model wants, in one line."""
    task = task or model.task
    known = TASKS.get(task)
    if known is not None and known.columns:
        columns = ", ".join(column.name for column in known.columns if not column.optional)
        return (
            f"a model for {task}; give --data with rows of {columns}: a CSV, JSON or Parquet file, "
            "or a folder (pictures by label, files by split)"
        )
    inputs = ", ".join(f"{port.name} {shape_in_words(port)}" for port in model.inputs)
    return (
        f"takes {inputs or 'what its code tells'}; give --data with rows for it: an .npz with an "
        "array of that name and the rows on its first axis, a CSV of numbers, or pictures by "
        "label; without right answers, variants are compared with the baseline's"
    )


def _short(source: str) -> str:
    """A name for a file out of a source's."""
    path = Path(source.rpartition(":")[0] if ".py:" in source else source)
    name = path.stem if path.suffix and not path.is_dir() else path.name
    if name in _PLAIN_NAMES and path.parent.name:
        name = path.parent.name
    return re.sub(r"[^\w.+-]+", "-", name).strip("-.")[:40] or "model"
