"""Variants as the processes that measure them are told."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ovtui.core.recipes.recipe import Recipe
from ovtui.core.recipes.task import PIPELINES
from ovtui.core.runs.run_folder import Request, Run
from ovtui.engine.measuring.benchmark import Subject
from ovtui.engine.measuring.process import OPENVINO
from ovtui.engine.run.runner import read_info
from ovtui.engine.run.variants import PYTORCH, Artefact, Prepared
from ovtui.engine.store.stage_output import Collected
from ovtui.engine.store.stage_work import TOLD, Pipeline


def subject(
    run: Run, request: Request, recipe: Recipe, artefact: Artefact, prepared: Prepared
) -> Subject:
    """Returns a variant as the process that measures it is told."""
    return Subject(
        name=artefact.name,
        model=_measured_file(request, recipe, run, artefact, prepared),
        device=request.device,
        properties=artefact.properties,
        inputs={"npz": prepared.evaluation.folder / "measured.npz"},
        worker=_worker(recipe, artefact),
    )


def _worker(recipe: Recipe, artefact: Artefact) -> str:
    """The module that measures a variant."""
    if recipe.task in PIPELINES:
        return "ovtui.engine.measuring.pipeline_worker"
    return "ovtui.engine.measuring.pytorch_worker" if artefact.name == PYTORCH else OPENVINO


def _measured_file(
    request: Request, recipe: Recipe, run: Run, artefact: Artefact, prepared: Prepared
) -> Path:
    """What the process that measures a variant reads: its only IR, or what it is told of it."""
    if recipe.task not in PIPELINES:
        return artefact.model
    evaluation = prepared.evaluation.folder
    collected = read_info(evaluation, Collected)
    described = Pipeline(
        recipe=recipe,
        base=request.base,
        conversion=str(prepared.conversion.folder),
        models={name: str(path) for name, path in artefact.files.items()},
        labels=collected.labels,
        rows=str(evaluation),
        folder=collected.folder,
    )
    path = run.folder / TOLD / f"measure {artefact.name}.json"
    path.write_bytes(msgspec.json.encode(described))
    return path
