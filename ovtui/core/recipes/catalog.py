"""What there is to work with: recipes, model files and folders, outputs of earlier runs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from ovtui.core.files.reading import Damaged, open_regular, read_toml
from ovtui.core.home import directories
from ovtui.core.home.library_caches import hub_cache
from ovtui.core.home.settings import user_settings
from ovtui.core.recipes.ir_xml import weights_beside
from ovtui.core.recipes.model_facts import of_folder
from ovtui.core.recipes.source import MODELS, model_format
from ovtui.core.text.errors import UserError, nearest

Origin = Literal["built in", "demo", "yours"]
# Folders below a model directory that are looked into: deeper ones are not models' places.
_DEPTH = 4


class RecipeEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A recipe in the list; `problem` says why its file cannot be listed in full."""

    name: str
    path: str
    origin: Origin
    title: str = ""
    task: str = ""
    model: str = ""
    data: str = ""
    variants: list[str] = []
    columns: list[str] = []
    """What `data.columns` names: of the task `tensors`, the model's inputs."""
    classes: int | None = None
    """How many `data.labels` there are."""
    trust: bool = False
    problem: str | None = None


class ModelEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A model on this machine: a file, a Hugging Face folder, or an output of a run."""

    name: str
    format: Literal["openvino", "onnx", "huggingface"]
    path: str
    size_bytes: int
    origin: str
    """Where it was found: `folder`, `hub cache`, or the run that made it."""
    task: str = ""
    """What its architecture is for; empty of a graph, or where nothing tells."""
    architecture: str = ""
    """Its class of transformers; empty of a graph."""


def recipes() -> list[RecipeEntry]:
    """Returns all recipes on the search path by name, the user's own before all others.

    Of recipes with the same name the user's own is the one that counts.
    """
    entries: dict[str, RecipeEntry] = {}
    for origin, path in _recipe_files():
        if path.stem not in entries:
            entries[path.stem] = _recipe_entry(path, origin)
    return sorted(entries.values(), key=lambda entry: (entry.origin != "yours", entry.name))


def recipes_changed() -> dict[str, int]:
    """Returns when each recipe's file was changed, in nanoseconds: all that `recipes` reads."""
    changed = {}
    for _, path in _recipe_files():
        with contextlib.suppress(OSError):
            changed[str(path)] = path.stat().st_mtime_ns
    return changed


def _recipe_files() -> Iterator[tuple[Origin, Path]]:
    """The files on the search path, those of the user first."""
    builtin = directories.builtin_recipes()
    places: list[tuple[Origin, Path]] = [
        ("yours", directories.config_dir() / "recipes"),
        ("built in", builtin),
        ("demo", builtin / "demo"),
    ]
    for origin, folder in places:
        for path in sorted(folder.glob("*.toml")) if folder.is_dir() else []:
            yield origin, path


def find_recipe(text: str) -> Path:
    """Returns the file of a recipe: a name on the search path, or a path.

    Raises:
        UserError: there is none.
    """
    path = Path(text).expanduser()
    if text.endswith(".toml") or "/" in text:
        if not path.is_file():
            raise UserError(f"{text}: no such recipe file")
        return path.resolve()
    known = {entry.name: entry.path for entry in recipes()}
    if text not in known:
        raise UserError(f"no recipe {text!r}, {nearest(text, known)} (or give the path of a .toml)")
    return Path(known[text])


def is_on_path(recipe: Path) -> bool:
    """Returns whether a recipe's name finds this very file."""
    try:
        return find_recipe(recipe.stem) == recipe
    except UserError:
        return False


def models() -> list[ModelEntry]:
    """Returns the models in the configured directories and the hub cache, and runs' outputs."""
    entries: dict[str, ModelEntry] = {}
    for directory in user_settings().models:
        folder = Path(directory).expanduser()
        for entry in _models_below(folder, "folder", folder):
            entries.setdefault(entry.path, entry)
    hub = hub_cache()
    for snapshot in sorted(hub.glob("models--*/snapshots/*")) if hub.is_dir() else []:
        name = snapshot.parent.parent.name.removeprefix("models--").replace("--", "/")
        if (snapshot / "config.json").exists():
            entry = _folder_entry(snapshot, name, "hub cache")
            entries.setdefault(entry.path, entry)
    for path in sorted((directories.home() / "runs").glob("*/models/*/*.xml"), reverse=True):
        run, variant = path.parents[2].name, path.parent.name
        entry = _file_entry(path, f"{run}/{variant}", run)
        entries.setdefault(entry.path, entry)
    return list(entries.values())


def _recipe_entry(path: Path, origin: Origin) -> RecipeEntry:
    try:
        table = read_toml(path)
        labels = table["data"].get("labels")
        return RecipeEntry(
            name=path.stem,
            path=str(path),
            origin=origin,
            title=str(table.get("title") or path.stem),
            task=str(table.get("task", "")),
            model=str(table["model"]["source"]),
            data=str(table["data"]["source"]),
            variants=[str(variant["name"]) for variant in table["variants"]],
            columns=[str(name) for name in table["data"].get("columns", {})],
            classes=len(labels) if isinstance(labels, list) else None,
            trust=table.get("trust") is True,
        )
    except (OSError, Damaged) as error:
        problem = f"cannot be read: {error}"
    except (KeyError, TypeError, AttributeError) as error:
        problem = f"incomplete: {error}"
    return RecipeEntry(name=path.stem, path=str(path), origin=origin, problem=problem)


def _models_below(folder: Path, origin: str, top: Path) -> Iterator[ModelEntry]:
    seen: set[str] = set()  # links may lead in a circle
    for place, folders, files in os.walk(folder, followlinks=True):
        path = Path(place)
        depth = len(path.relative_to(folder).parts)
        if (real := os.path.realpath(place)) in seen:
            folders[:] = []
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if name[0] != "." and depth < _DEPTH)
        weights = any(name.endswith((".safetensors", ".bin")) for name in files)
        if "config.json" in files and weights and "openvino_model.xml" not in files:
            yield _folder_entry(path, str(path.relative_to(top.parent)), origin)
        for name in sorted(files):
            kind = model_format(name)
            if kind == "onnx" or (kind == "openvino" and _is_ir(path / name)):
                yield _file_entry(path / name, str((path / name).relative_to(top.parent)), origin)


def _is_ir(path: Path) -> bool:
    """An OpenVINO IR, and not any other XML."""
    try:
        with open_regular(path) as file:
            return b"<net " in file.read(256)
    except OSError:
        return False


def _file_entry(path: Path, name: str, origin: str) -> ModelEntry:
    size, kind = _bytes(path), MODELS[path.suffix.lower()]
    if kind == "openvino":
        size += _bytes(weights_beside(path))
    return ModelEntry(
        name=name,
        format=kind,
        path=str(path),
        size_bytes=size,
        origin=origin,
    )


def _folder_entry(folder: Path, name: str, origin: str) -> ModelEntry:
    weights = [*folder.glob("*.safetensors"), *folder.glob("*.bin")]
    facts = of_folder(folder)
    return ModelEntry(
        name=name,
        format="huggingface",
        path=str(folder),
        size_bytes=sum(map(_bytes, weights)),
        origin=origin,
        task=facts.task,
        architecture=facts.architecture,
    )


def _bytes(path: Path) -> int:
    """The size of a file; nothing where it is gone, as behind a link of a cleaned cache."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
