"""What a recipe asks of a run: its stages, and its uses of data."""

from __future__ import annotations

from collections.abc import Mapping

from ovtui.core.recipes.compression import CompressWeights, Method, Unchanged
from ovtui.core.recipes.metrics import BUILT_IN, is_function
from ovtui.core.recipes.recipe import Recipe, Variant
from ovtui.core.recipes.references import Use
from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.recipes.task_info import Compares
from ovtui.core.runs.stage_kind import StageKind
from ovtui.engine.measuring.benchmark import Mode
from ovtui.engine.run.subjects import kind_of

_BY_LIBRARY: tuple[Compares, ...] = ("classes", "numbers", "texts")
"""What the built-in metrics compare that are computed by the library `evaluate`."""


def stage_names(recipe: Recipe) -> list[str]:
    """Returns all stages, in order."""
    tried = [StageKind.TRY.name_of()] if tries_metrics(recipe) else []
    recording = [StageKind.RECORD.name_of()] if kind_of(recipe).recorded(recipe) else []
    measure = [StageKind.MEASURE.name_of()] if modes(recipe) else []
    return [
        StageKind.CONVERT.name_of(),
        *(StageKind.COLLECT.name_of(use) for use in uses(recipe)),
        *tried,
        *recording,
        *(name for variant in recipe.variants for name in _of_variant(variant, recipe)),
        *choices(recipe),
        StageKind.EVALUATE.name_of(),
        *measure,
    ]


def compression(variant: Variant, component: str) -> str:
    """Returns the name of the stage that makes a variant's component."""
    whole = component == WHOLE_MODEL
    return StageKind.COMPRESS.name_of(variant.name if whole else f"{variant.name} {component}")


def compressions(recipe: Recipe) -> list[str]:
    """Returns the names of the stages that compress, in order."""
    return [name for variant in recipe.variants for name in _compressions(variant, recipe)]


def agreement(variant: Variant) -> str | None:
    """Returns the name of the stage that asks a variant first samples; None of an unchanged one."""
    if not any(method.changes for method in variant.components.values()):
        return None
    return StageKind.AGREE.name_of(variant.name)


def _of_variant(variant: Variant, recipe: Recipe) -> list[str]:
    asked = agreement(variant)
    return [*_compressions(variant, recipe), *([asked] if asked else [])]


def _compressions(variant: Variant, recipe: Recipe) -> list[str]:
    return [
        compression(variant, component)
        for component in recipe.component_names
        if kind_of(recipe).compresses(variant.components.get(component, Unchanged()))
    ]


def choices(recipe: Recipe) -> list[str]:
    """Returns the names of the stages that choose what a variant is executed with.

    Where a device calculates in less than f32 by itself, other variants have such a stage too.
    """
    if not chooses_execution(recipe):
        return []
    return [
        StageKind.CHOOSE.name_of(variant.name)
        for variant in recipe.variants
        if kind_of(recipe).keeps_state
        or compresses_weights(variant.components)
        or chooses_throughput(recipe)
    ]


def chooses_execution(recipe: Recipe) -> bool:
    """Returns whether variants are executed with what is fastest: it is found out by measuring."""
    return recipe.measure.choose_execution and bool(modes(recipe))


def chooses_throughput(recipe: Recipe) -> bool:
    """Returns whether streams are among what is chosen: a graph's throughput is measured."""
    return chooses_execution(recipe) and "throughput" in modes(recipe)


def compresses_weights(methods: Mapping[str, Method]) -> bool:
    """Returns whether weights alone get few bits, of any component."""
    return any(isinstance(method, CompressWeights) for method in methods.values())


def uses(recipe: Recipe) -> list[Use]:
    """Returns what data are collected for."""
    methods = [method for item in recipe.variants for method in item.components.values()]
    uses: list[Use] = ["evaluation"]  # first: conversion waits for a sample of it
    if any(method.needs_calibration for method in methods):
        uses.append("calibration")
    if any(method.needs_validation for method in methods):
        uses.append("validation")
    return uses


def tries_metrics(recipe: Recipe) -> bool:
    """Returns whether a metric may not fit the model, which only its answers tell."""
    named = {name for name in recipe.metric_names if name != recipe.task_info.metric}
    return bool(named if recipe.task_info.arrays else named - BUILT_IN.keys())


def judging_modules(recipe: Recipe) -> list[str]:
    """Returns what is imported ahead for a recipe's metrics: the library `evaluate` takes 3 s."""
    needs_library = any(
        BUILT_IN[name].compares in _BY_LIBRARY if name in BUILT_IN else not is_function(name)
        for name in recipe.metric_names
    )
    return ["ovtui.engine.libraries.evaluate_library"] if needs_library else []


def modes(recipe: Recipe) -> list[Mode]:
    """Returns the ways in which speed is measured."""
    wanted = {"latency": recipe.measure.latency, "throughput": recipe.measure.throughput}
    return [mode for mode in kind_of(recipe).modes if wanted[mode]]
