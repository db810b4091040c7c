"""What `run.json` holds: a recipe or files to measure, the device, and what lists tell of it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ovtui.core.recipes.recipe import Property, Recipe, Sweep
from ovtui.core.results import result


class Bench(msgspec.Struct, frozen=True, kw_only=True):
    """What `ovtui bench` measures: model files, with random inputs."""

    models: list[str]
    hints: list[str] = msgspec.field(default_factory=lambda: ["latency", "throughput"])
    seconds: float = 5.0
    """For each model and hint."""
    blocks: int = 10
    shapes: dict[str, list[int]] = {}
    properties: Mapping[str, Property] = {}
    sweep: Sweep | None = None
    """Also throughput over streams, batches and threads."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """`run.json`: what was asked for, where, and with which versions."""

    schema: int = 1
    name: str
    """The recipe's name, or `bench`."""
    created: str
    device: str
    base: str
    """Folder that the recipe's relative paths start from."""
    recipe: Recipe | None = None
    recipe_path: str | None = None
    bench: Bench | None = None
    overrides: list[str] = []
    argv: list[str] = []
    versions: dict[str, str] = {}
    machine: result.Machine | None = None


class _ModelHeading(msgspec.Struct, frozen=True, kw_only=True):
    source: str = ""


class _RecipeHeading(msgspec.Struct, frozen=True, kw_only=True):
    model: _ModelHeading = _ModelHeading()


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """What a list tells of a run; readable also where a newer version made the rest."""

    name: str
    created: str = ""
    device: str = ""
    recipe_path: str | None = None
    recipe: _RecipeHeading | None = None

    @property
    def model(self) -> str:
        """The recipe's model, as its `source` names it; empty for a bench."""
        return self.recipe.model.source if self.recipe else ""
