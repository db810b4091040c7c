"""The files of the baseline and of variants, in the run's folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec

from ovtui.core.recipes.compression import Method, Unchanged
from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.runs.run_folder import Run
from ovtui.engine.run.subjects import kind_of
from ovtui.engine.run.variants import PYTORCH, Artefact, Prepared
from ovtui.engine.store.cache import copy
from ovtui.engine.store.layout import baseline_of, f32_on, stem_of
from ovtui.engine.store.stage_work import STAGES, Job

BASELINE = "fp32"


def baselines(run: Run, recipe: Recipe, prepared: Prepared) -> list[Artefact]:
    """Lays out the converted model in f32, and in the device's own precision if that differs.

    Args:
        run: whose folder gets the files, under `models/fp32`.
        recipe: says whether the device's own precision is wanted too.
        prepared: with the conversion.

    Returns:
        The baseline in f32 first. A second one has the same files and other properties.
    """
    conversion, key = prepared.conversion
    converted = prepared.converted
    folder = run.folder / "models" / BASELINE
    methods: dict[str, Method] = dict.fromkeys(recipe.component_names, Unchanged())
    sources = {name: baseline_of(conversion, name) for name in methods}
    fp32 = Artefact(
        name=BASELINE,
        folder=folder,
        files=copy_files(sources, conversion, folder),
        methods=methods,
        properties=f32_on(converted.device, stateful=bool(converted.stateful)),
        key=key,
    )
    default = converted.default_precision
    if default == "f32" or not recipe.baseline.default_precision:
        return [fp32]
    return [fp32, replace(fp32, name=default, properties={"INFERENCE_PRECISION_HINT": default})]


def original(run: Run, job: Job, baseline: Artefact) -> list[Artefact]:
    """Returns the PyTorch model that the baseline was converted from, if the recipe asks for it.

    Args:
        run: whose folder gets the description that PyTorch's process reads.
        job: whose model it is.
        baseline: converted from it.

    Returns:
        One entry, or none.
    """
    if not job.recipe.baseline.pytorch:
        return []
    described = run.folder / STAGES / f"{PYTORCH}.json"
    described.write_bytes(msgspec.json.encode(PlacedRecipe(job.recipe, job.base)))
    files = kind_of(job.recipe).original_files(described)
    return [replace(baseline, name=PYTORCH, files=files, properties={})]


def copy_files(sources: Mapping[str, Path], conversion: Path, folder: Path) -> dict[str, Path]:
    """Copies model files, and what a runtime needs beside them, to a variant's folder.

    Args:
        sources: an IR for each component.
        conversion: where the rest lies.
        folder: of the variant.

    Returns:
        The `.xml` of each component, as a runtime looks for it.
    """
    beside = conversion / "companions"
    companions = sorted(path for path in beside.rglob("*") if path.is_file())
    files = {}
    for component, source in sources.items():
        stem = stem_of(component, companions=bool(companions))
        for suffix in (".xml", ".bin"):
            copy(source.with_suffix(suffix), folder / f"{stem}{suffix}")
        files[component] = folder / f"{stem}.xml"
    for companion in companions:
        copy(companion, folder / companion.relative_to(beside))
    return files
