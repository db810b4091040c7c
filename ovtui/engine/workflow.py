"""A run from its recipe to its result: the stages in order, each cached and resumable."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from msgspec import structs

from ovtui.core import config, events, result
from ovtui.core.compression import (
    CompressWeights,
    Method,
    Quantize,
    QuantizeWithAccuracyControl,
    Unchanged,
)
from ovtui.core.errors import RecipeError, nearest
from ovtui.core.recipe import Recipe, Variant
from ovtui.core.runs import Request, Run
from ovtui.core.source import File, model_source
from ovtui.core.task import WHOLE_MODEL
from ovtui.engine import fingerprint, stages
from ovtui.engine.assemble import assemble
from ovtui.engine.benchmark import Measured, Subject
from ovtui.engine.cache import content_key, link
from ovtui.engine.measurement import measure_subjects
from ovtui.engine.metrics import check_metric
from ovtui.engine.offline import uses_hub, work_offline_where_needed
from ovtui.engine.progress import Journal
from ovtui.engine.specification import (
    Collected,
    Compressed,
    Evaluated,
    Evaluation,
    Inference,
    Original,
    Use,
)
from ovtui.engine.stages import Runner, Stage, read_info
from ovtui.engine.variants import PYTORCH, Artefact, Output, Prepared

BASELINE = "fp32"
EVALUATE = "evaluate"
METRICS_WITHOUT_REFERENCES = ("agreement", "cosine")


def work(run: Run, request: Request, recipe: Recipe, journal: Journal, log: int) -> result.Result:
    """Do everything that is not done yet, and report.

    Raises:
        UserError: the recipe cannot be done as it is.
        StageFailed: a stage ended without its output.
    """
    _check_components(recipe)
    _check_pytorch(request, recipe)
    check_metric(recipe, Path(request.base))
    if uses_hub(recipe, Path(request.base)):
        work_offline_where_needed()
    journal.write(events.Started(time=time.time(), stages=plan(recipe)))
    if recipe.trust:
        journal.warn("trust = true: remote code and pickled weights were allowed")
    with Runner(run, journal, log) as runner:
        prepared = prepare(request, recipe, runner, journal)
        device = prepared.converted.device
        if device != request.device:
            journal.warn(f"{request.device} chose {device}: everything is measured there")
            request = structs.replace(request, device=device)
        artefacts = baselines(run, recipe, prepared)
        artefacts += original(run, request, recipe, artefacts[0])
        later = [compress_name(variant) for variant in recipe.variants[1:]]
        for variant, then in zip(recipe.variants, [*later, EVALUATE], strict=True):
            runner.warm(then, "evaluation" if then == EVALUATE else "compression")
            artefacts.append(compress(run, request, recipe, variant, prepared, runner))
        evaluated = evaluate(run, request, recipe, artefacts, prepared, runner)
        measured = measure(request, recipe, artefacts, prepared, runner, log)
        runner.prune(int(config.settings().cache_gib * 2**30))
        times = runner.times
    return assemble(run, request, recipe, artefacts, prepared, evaluated, measured, times)


def plan(recipe: Recipe) -> list[str]:
    """The names of the stages, in order."""
    compressions = [compress_name(variant) for variant in recipe.variants]
    measure = ["measure"] if _modes(recipe) else []
    return [
        "convert",
        *(f"{use} data" for use in _uses(recipe)),
        *compressions,
        EVALUATE,
        *measure,
    ]


def compress_name(variant: Variant) -> str:
    """The name of the stage that makes a variant."""
    return f"compress {variant.name}"


def prepare(request: Request, recipe: Recipe, runner: Runner, journal: Journal) -> Prepared:
    """Convert the model and collect the data: at the same time, each in a process of its own."""
    uses = _uses(recipe)
    todo: list[Stage] = [stages.conversion(request, recipe)]
    for use in uses:
        references = use == "validation" or (use == "evaluation" and _needs_references(recipe))
        todo.append(stages.collection(request, recipe, use, references=references))
    if not all(runner.is_done(stage) for stage in todo):
        runner.warm(compress_name(recipe.variants[0]), "compression")
    outputs = runner.together(todo)
    found = {
        stage.kind: Output(output, stage.key) for stage, output in zip(todo, outputs, strict=True)
    }
    _check_overlap(recipe, found, journal)
    for use in uses:
        collected = read_info(found[use].folder, Collected)
        if collected.skipped:
            first = "; ".join(collected.skipped_first[:2])
            journal.warn(f"{use}: {collected.skipped} samples were skipped ({first})")
    return Prepared(
        conversion=found["convert"],
        evaluation=found["evaluation"],
        calibration=found.get("calibration"),
        validation=found.get("validation"),
    )


def baselines(run: Run, recipe: Recipe, prepared: Prepared) -> list[Artefact]:
    """The converted model in f32, and in the device's default precision where that differs."""
    output, key = prepared.conversion
    folder = run.folder / "models" / BASELINE
    stem = _link_files(output / "baseline", output, folder)
    fp32 = Artefact(
        name=BASELINE,
        folder=folder,
        model=folder / f"{stem}.xml",
        methods={WHOLE_MODEL: Unchanged()},
        properties={"INFERENCE_PRECISION_HINT": "f32"},
        key=key,
    )
    default = prepared.converted.default_precision
    if default == "f32" or not recipe.baseline.default_precision:
        return [fp32]
    return [fp32, replace(fp32, name=default, properties={"INFERENCE_PRECISION_HINT": default})]


def original(run: Run, request: Request, recipe: Recipe, baseline: Artefact) -> list[Artefact]:
    """The PyTorch model that the baseline was converted from, where the recipe asks for it."""
    if not recipe.baseline.pytorch:
        return []
    described = run.folder / ".stages" / f"{PYTORCH}.json"
    described.write_bytes(msgspec.json.encode(Original(recipe=recipe, base=request.base)))
    return [replace(baseline, name=PYTORCH, model=described, properties={})]


def compress(
    run: Run,
    request: Request,
    recipe: Recipe,
    variant: Variant,
    prepared: Prepared,
    runner: Runner,
) -> Artefact:
    """One compressed variant, in a process of its own."""
    method = variant.components[WHOLE_MODEL]
    stage = stages.compression(
        request,
        recipe,
        compress_name(variant),
        method,
        prepared.conversion,
        prepared.calibration if _needs_calibration(method) else None,
        prepared.validation if _needs_validation(method) else None,
    )
    (output,) = runner.together([stage])
    folder = run.folder / "models" / variant.name
    stem = _link_files(output / "model", prepared.conversion.folder, folder)
    return Artefact(
        name=variant.name,
        folder=folder,
        model=folder / f"{stem}.xml",
        methods=variant.components,
        properties=variant.execution,
        key=stage.key,
        compressed=read_info(output, Compressed),
    )


def evaluate(
    run: Run,
    request: Request,
    recipe: Recipe,
    artefacts: Sequence[Artefact],
    prepared: Prepared,
    runner: Runner,
) -> Evaluated:
    """Accuracy, nearness to the baseline and samples, every variant on the same samples."""
    folder, key = prepared.evaluation
    batchable = prepared.converted.batchable
    inferences = [
        Inference(
            variant=artefact.name,
            model=None if artefact.name == PYTORCH else str(artefact.model),
            properties=artefact.properties,
            key=content_key(
                model=artefact.key,
                framework=fingerprint.versions("torch") if artefact.name == PYTORCH else None,
                evaluation=key,
                properties=artefact.properties,
                device=request.device,
                machine=fingerprint.of_machine(),
                versions=fingerprint.versions("openvino"),
            ),
        )
        for artefact in artefacts
    ]
    work = Evaluation(
        recipe=recipe,
        base=request.base,
        device=request.device,
        evaluation=str(folder),
        cache=str(runner.cache_folder),
        batchable=batchable,
        inferences=inferences,
    )
    output = runner.alone(EVALUATE, {"evaluation": work}, run.folder / "evaluation")
    for inference in inferences:
        runner.keep("outputs", inference.key)
    return read_info(output, Evaluated)


def measure(
    request: Request,
    recipe: Recipe,
    artefacts: Sequence[Artefact],
    prepared: Prepared,
    runner: Runner,
    log: int,
) -> dict[str, Measured]:
    """Latency, throughput, memory and executed precision, interleaved on real samples."""
    modes = _modes(recipe)
    if not modes:
        return {}
    inputs = {"npz": prepared.evaluation.folder / "measured.npz"}
    subjects = [
        Subject(
            name=artefact.name,
            model=artefact.model,
            device=request.device,
            properties=artefact.properties,
            inputs=inputs,
            **({"worker": "ovtui.engine.pytorch_worker"} if artefact.name == PYTORCH else {}),
        )
        for artefact in artefacts
    ]
    plan = recipe.measure
    return runner.here(
        "measure",
        lambda journal: measure_subjects(
            subjects,
            seconds=plan.seconds,
            blocks=plan.blocks,
            modes=modes,
            batches=plan.batches if plan.throughput else (),
            log=log,
            journal=journal,
        ),
    )


def _check_components(recipe: Recipe) -> None:
    for variant in recipe.variants:
        for name in variant.components:
            if name != WHOLE_MODEL:
                raise RecipeError(
                    f"variants[{variant.name}].components.{name}: a task "
                    f"'{recipe.task}' has no such component, {nearest(name, [WHOLE_MODEL])}"
                )


def _check_pytorch(request: Request, recipe: Recipe) -> None:
    """Refuse to run what is not there by PyTorch."""
    source = model_source(recipe.model.source, Path(request.base))
    if recipe.baseline.pytorch and isinstance(source, File):
        raise RecipeError(
            f"baseline.pytorch: {recipe.model.source} is no PyTorch model; leave it out"
        )


def _check_overlap(recipe: Recipe, found: dict[str, Output], journal: Journal) -> None:
    """Refuse to calibrate on samples that accuracy is measured on, unless asked to."""
    evaluation = read_info(found["evaluation"].folder, Collected)
    for use in ("calibration", "validation"):
        if use not in found:
            continue
        collected = read_info(found[use].folder, Collected)
        shared = len(collected.shared_with(evaluation))
        if shared and not recipe.data.allow_overlap:
            raise RecipeError(
                f"data: {shared} samples are in {use} and in evaluation "
                f"({evaluation.dataset}, {evaluation.split!r}); take different splits or slices, "
                "or set data.allow_overlap = true to have it said in the result"
            )
        if shared:
            journal.warn(f"{use} overlaps evaluation by {shared} samples: accuracy is flattered")
        elif equal := len(set(collected.digests) & set(evaluation.digests)):
            journal.warn(f"{equal} samples of {use} are equal to samples of evaluation")


def _uses(recipe: Recipe) -> list[Use]:
    methods = [method for item in recipe.variants for method in item.components.values()]
    uses: list[Use] = ["evaluation"]  # first: conversion waits for a sample of it
    if any(_needs_calibration(method) for method in methods):
        uses.append("calibration")
    if any(_needs_validation(method) for method in methods):
        uses.append("validation")
    return uses


def _needs_calibration(method: Method) -> bool:
    match method:
        case Quantize() | QuantizeWithAccuracyControl():
            return True
        case CompressWeights():
            return bool(method.dataset)
        case Unchanged():
            return False


def _needs_validation(method: Method) -> bool:
    return isinstance(method, QuantizeWithAccuracyControl)


def _needs_references(recipe: Recipe) -> bool:
    own = "cosine" if recipe.task == "tensors" else "accuracy"
    return not {recipe.metric or own, *recipe.also} <= set(METRICS_WITHOUT_REFERENCES)


def _modes(recipe: Recipe) -> list[Any]:
    wanted = {"latency": recipe.measure.latency, "throughput": recipe.measure.throughput}
    return [mode for mode, chosen in wanted.items() if chosen]


def _link_files(model: Path, conversion: Path, folder: Path) -> str:
    """A variant's folder: model files and what a runtime needs beside them; the files' stem."""
    companions = sorted((conversion / "companions").glob("*"))
    stem = "openvino_model" if companions else "model"
    for suffix in (".xml", ".bin"):
        link(model / f"model{suffix}", folder / f"{stem}{suffix}")
    for companion in companions:
        link(companion, folder / companion.name)
    return stem
