"""Models with what was made from them: sources, and the outputs of runs as their children."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ovtui.core.recipes.catalog import ModelEntry, RecipeEntry
from ovtui.core.recipes.compression import parameters
from ovtui.core.recipes.source import model_format
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.run_request import Request
from ovtui.core.text.errors import UserError


@dataclass(frozen=True, slots=True)
class Model:
    """A model in the list; one with a `run` was made by it."""

    key: str
    name: str
    format: str
    size_bytes: int = 0
    task: str = ""
    precision: str = ""
    origin: str = ""
    path: str = ""
    run: str = ""
    architecture: str = ""
    """Its class of transformers; empty of a graph."""
    recipes: tuple[str, ...] = field(default_factory=tuple)
    """Recipes that start from it."""
    parts: tuple[ModelEntry, ...] = ()
    """The files of a variant that has several: components, tokenizers."""


def lineage(
    entries: Sequence[ModelEntry], recipes: Sequence[RecipeEntry], runs_folder: Path
) -> list[Model]:
    """Returns every source model, each followed by what runs made from it, the newest first.

    Args:
        entries: models on this machine.
        recipes: that may name them.
        runs_folder: where runs keep what they made.
    """
    sources: dict[str, Model] = {}
    for recipe in recipes:
        if not recipe.problem:
            _add_source(sources, recipe)
    made: dict[str, dict[str, list[ModelEntry]]] = {}
    requests: dict[str, Request | None] = {}
    for entry in entries:
        run, _, variant = entry.name.partition("/")
        if entry.origin != run or not variant:
            key = entry.name if entry.origin == "hub cache" else entry.path
            _merge(sources, key, entry)
            continue
        if run not in requests:
            requests[run] = _request(runs_folder / run)
        request = requests[run]
        key = _source_key(request)
        if key not in sources:
            sources[key] = Model(key=key, name=key, format="", origin="earlier runs")
        made.setdefault(key, {}).setdefault(entry.name, []).append(entry)
    return [
        model
        for key, source in sources.items()
        for model in (source, *_outputs(made.get(key, {}), requests))
    ]


def _outputs(
    made: Mapping[str, list[ModelEntry]], requests: Mapping[str, Request | None]
) -> Iterator[Model]:
    """One for each variant, whatever the number of its files."""
    for name, entries in made.items():
        run, _, variant = name.partition("/")
        yield _output(entries, requests[run], run, variant)


def _add_source(sources: dict[str, Model], recipe: RecipeEntry) -> None:
    base = Path(recipe.path).parent
    key = _key(recipe.model, base)
    known = sources.get(key)
    names = (*known.recipes, recipe.name) if known else (recipe.name,)
    sources[key] = Model(
        key=key,
        name=recipe.model,
        format=_format(recipe.model),
        task=recipe.task,
        origin=f"recipe {', '.join(names)}",
        path=key if Path(key).exists() else "",
        recipes=names,
    )


def _merge(sources: dict[str, Model], key: str, entry: ModelEntry) -> None:
    known = sources.get(key)
    sources[key] = Model(
        key=key,
        name=known.name if known else entry.name,
        format=entry.format,
        size_bytes=entry.size_bytes,
        task=known.task if known else entry.task,
        architecture=entry.architecture,
        origin=entry.origin,
        path=entry.path,
        recipes=known.recipes if known else (),
    )


def _output(entries: list[ModelEntry], request: Request | None, run: str, variant: str) -> Model:
    recipe = request.recipe if request else None
    first = entries[0]
    return Model(
        key=f"{run}/{variant}",
        name=variant,
        format=first.format,
        size_bytes=sum(entry.size_bytes for entry in entries),
        task=recipe.task if recipe else "",
        precision=_precision(request, variant),
        origin=run,
        path=first.path if len(entries) == 1 else str(Path(first.path).parent),
        run=run,
        parts=tuple(sorted(entries, key=lambda entry: entry.path)) if len(entries) > 1 else (),
    )


def _precision(request: Request | None, variant: str) -> str:
    recipe = request.recipe if request else None
    if recipe is None:
        return ""
    for planned in recipe.variants:
        if planned.name == variant:
            methods = dict.fromkeys(
                str(parameters(method).get("mode", method.label))
                for method in planned.components.values()
            )
            return ", ".join(methods)
    return recipe.baseline.storage


def _request(folder: Path) -> Request | None:
    try:
        return Run(folder).request()
    except UserError:
        return None


def _source_key(request: Request | None) -> str:
    if request is None or request.recipe is None:
        return "of unknown origin"
    return _key(request.recipe.model.source, Path(request.base))


def _key(text: str, base: Path) -> str:
    """A source as an absolute path where it is a local one, as its text otherwise."""
    file, colon, function = text.partition(":")
    path = Path(os.path.normpath(base / Path(file).expanduser()))
    return f"{path}{colon}{function}" if path.exists() else text


def _format(source: str) -> str:
    if format := model_format(source):
        return format
    if source.startswith("torch.hub:"):
        return "torch.hub"
    return "python" if ".py:" in source else "huggingface"
