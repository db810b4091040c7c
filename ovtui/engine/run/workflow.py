"""A run from its recipe to its result: the stages in order, each cached and resumable."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
from msgspec import structs

from ovtui.core.home.settings import user_settings
from ovtui.core.recipes import recipe_check
from ovtui.core.recipes.compression import (
    Method,
    Unchanged,
)
from ovtui.core.recipes.recipe import Recipe, Variant
from ovtui.core.recipes.references import Use, needs_references
from ovtui.core.recipes.source import Folder, HubId, model_source
from ovtui.core.recipes.task import OF_PICTURES, PIPELINES, WHOLE_MODEL
from ovtui.core.results import result
from ovtui.core.runs import events
from ovtui.core.runs.run_folder import Request, Run
from ovtui.core.runs.stage_kind import StageKind
from ovtui.core.text.errors import RecipeError
from ovtui.engine.data.labels import keep_labels
from ovtui.engine.measuring.answering import Answering
from ovtui.engine.measuring.benchmark import Measured
from ovtui.engine.measuring.measurement import measure_subjects
from ovtui.engine.run import pinned, plan, stage_keys
from ovtui.engine.run.assemble import assemble
from ovtui.engine.run.inferences import before_storage, inference_of
from ovtui.engine.run.matching import check_values, classes_of
from ovtui.engine.run.runner import Runner, read_info
from ovtui.engine.run.subjects import subject
from ovtui.engine.run.variant_doubts import (
    warn_of_compression,
    warn_of_equal_files,
    warn_of_types,
)
from ovtui.engine.run.variants import PYTORCH, Artefact, Output, Prepared
from ovtui.engine.store.cache import copy
from ovtui.engine.store.layout import baseline_of, f32_on, stem_of
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Collected, Compressed, Converted, Evaluated, Recorded
from ovtui.engine.store.stage_work import TOLD, Evaluation, Original, Pipeline

BASELINE = "fp32"


def work(run: Run, request: Request, recipe: Recipe, journal: Journal, log: int) -> result.Result:
    """Does everything that is not done yet, and reports.

    Raises:
        UserError: the recipe cannot be done as it is.
        StageFailed: a stage ended without its output.
    """
    recipe_check.check(recipe, Path(request.base))
    first = pinned.stage_names(recipe, Path(request.base))
    journal.write(events.Started(time=time.time(), stages=[*first, *plan.stage_names(recipe)]))
    if recipe.trust:
        journal.warn("trust = true: remote code and pickled weights were allowed")
    recipe, sources, fetching = pinned.fetch(run, request, recipe, journal, log)
    with (
        Runner(run, journal, log, transformers_of(request, recipe)) as runner,
        Answering(runner.cache, log, keep=bool(plan.modes(recipe))) as answering,
    ):
        prepared = prepare(request, recipe, runner, journal)
        device = prepared.converted.device
        if device != request.device:
            journal.warn(f"{request.device} chose {device}: everything is measured there")
            request = structs.replace(request, device=device)
        if plan.tries_metrics(recipe) or prepared.converted.without_numbers:
            model, samples, classes = prepared.conversion, prepared.evaluation, prepared.classes
            runner.together([stage_keys.trial(request, recipe, model, samples, classes)])
        artefacts = baselines(run, recipe, prepared)
        artefacts += original(run, request, recipe, artefacts[0])
        inputs = calibration_of(request, recipe, prepared, runner, journal)
        for variant in recipe.variants:
            artefacts.append(compress(run, request, recipe, variant, prepared, inputs, runner))
            warn_of_compression(artefacts[-1], journal)
        warn_of_equal_files(artefacts, journal)
        evaluated = evaluate(run, request, recipe, artefacts, prepared, runner, answering)
        measured = measure(
            run, request, recipe, artefacts, prepared, evaluated, runner, answering, log
        )
        runner.prune(int(user_settings().cache_gib * 2**30))
        times = [*fetching, *runner.times]
    found = assemble(run, request, recipe, artefacts, prepared, evaluated, measured, times)
    return structs.replace(found, sources=sources)


def transformers_of(request: Request, recipe: Recipe) -> Pipeline | None:
    """Returns what a fork server is told, where transformers has the model; its import takes
    seconds.
    """
    if not isinstance(model_source(recipe.model.source, Path(request.base)), Folder | HubId):
        return None
    return Pipeline(recipe=recipe, base=request.base, conversion="", models={})


def prepare(request: Request, recipe: Recipe, runner: Runner, journal: Journal) -> Prepared:
    """Converts the model and collects the data: at the same time, each in a process of its own."""
    uses = plan.uses(recipe)
    convert = stage_keys.conversion(request, recipe)
    collect = [
        stage_keys.collection(request, recipe, use, references=needs_references(recipe, use))
        for use in uses
    ]
    todo = [convert, *collect]
    if not all(runner.is_done(stage) for stage in todo):
        if recipe.task in PIPELINES:
            runner.warm(StageKind.RECORD.name_of(), StageKind.RECORD)
        else:
            runner.warm(plan.compressions(recipe)[0], StageKind.COMPRESS)
    folders = runner.together(todo)
    conversion, *data = (
        Output(folder, stage.key) for folder, stage in zip(folders, todo, strict=True)
    )
    found = dict(zip(uses, data, strict=True))
    _check_overlap(recipe, found, journal)
    converted = read_info(conversion.folder, Converted)
    warn_of_types(converted, journal)
    for use in uses:
        collected = read_info(found[use].folder, Collected)
        if collected.skipped:
            first = "; ".join(collected.skipped_first[:2])
            journal.warn(f"{use}: {collected.skipped} samples were skipped ({first})")
        pictures = recipe.task in OF_PICTURES
        for warning in check_values(converted.inputs, collected, pictures=pictures):
            journal.warn(f"{use}: {warning}")
    return Prepared(
        conversion=conversion,
        evaluation=found["evaluation"],
        calibration=found.get("calibration"),
        validation=found.get("validation"),
        classes=_classes(recipe, converted, found["evaluation"].folder),
    )


def _classes(recipe: Recipe, converted: Converted, evaluation: Path) -> result.Classes | None:
    """How a classifier's output and the data's labels are read."""
    stored = evaluation / "references.json"
    answers = msgspec.json.decode(stored.read_bytes()) if stored.is_file() else None
    collected = read_info(evaluation, Collected)
    return classes_of(recipe, converted.outputs, collected, answers)


def baselines(run: Run, recipe: Recipe, prepared: Prepared) -> list[Artefact]:
    """Returns the converted model in f32, and in the device's default precision where that
    differs.
    """
    conversion, key = prepared.conversion
    converted = prepared.converted
    folder = run.folder / "models" / BASELINE
    methods: dict[str, Method] = dict.fromkeys(recipe.component_names, Unchanged())
    sources = {name: baseline_of(conversion, name) for name in methods}
    fp32 = Artefact(
        name=BASELINE,
        folder=folder,
        files=_copy_files(sources, conversion, folder),
        methods=methods,
        properties=f32_on(converted.device, stateful=bool(converted.stateful)),
        key=key,
    )
    default = converted.default_precision
    if default == "f32" or not recipe.baseline.default_precision:
        return [fp32]
    return [fp32, replace(fp32, name=default, properties={"INFERENCE_PRECISION_HINT": default})]


def original(run: Run, request: Request, recipe: Recipe, baseline: Artefact) -> list[Artefact]:
    """Returns the PyTorch model that the baseline was converted from, where the recipe asks
    for it.
    """
    if not recipe.baseline.pytorch:
        return []
    described = run.folder / TOLD / f"{PYTORCH}.json"
    described.write_bytes(msgspec.json.encode(Original(recipe=recipe, base=request.base)))
    files = {} if recipe.task in PIPELINES else {WHOLE_MODEL: described}
    return [replace(baseline, name=PYTORCH, files=files, properties={})]


def calibration_of(
    request: Request, recipe: Recipe, prepared: Prepared, runner: Runner, journal: Journal
) -> dict[str, Output]:
    """Returns the calibration samples of each component that needs some."""
    calibration, wanted = prepared.calibration, plan.recorded(recipe)
    if calibration is None:
        return {}
    if not wanted:
        return {WHOLE_MODEL: calibration}
    stage = stage_keys.recording(request, recipe, prepared.conversion, calibration, wanted)
    if not runner.is_done(stage):
        runner.warm(plan.compressions(recipe)[0], StageKind.COMPRESS)
    (output,) = runner.together([stage])
    recorded = read_info(output, Recorded)
    for name, count in recorded.repeated.items():
        if count:
            journal.warn(f"calibration: {count} calls of {name} were equal to earlier ones")
    return {name: Output(output / name, recorded.digests[name]) for name in wanted}


def compress(
    run: Run,
    request: Request,
    recipe: Recipe,
    variant: Variant,
    prepared: Prepared,
    calibration: Mapping[str, Output],
    runner: Runner,
) -> Artefact:
    """Returns one compressed variant, each of its components in a process of its own."""
    conversion, converted = prepared.conversion.folder, prepared.converted
    methods = {name: variant.components.get(name, Unchanged()) for name in recipe.component_names}
    sources = {name: baseline_of(conversion, name) for name in methods}
    keys, compressed = [prepared.conversion.key], {}
    names = plan.compressions(recipe)
    for component, method in methods.items():
        name = plan.compression(variant, component)
        if name not in names:
            continue  # as the baseline has it
        stage = stage_keys.compression(
            request,
            recipe,
            name,
            component,
            method,
            Output(conversion, converted.digests.get(component, prepared.conversion.key)),
            calibration[component] if method.needs_calibration else None,
            prepared.validation if method.needs_validation else None,
            stateful=component in converted.stateful,
            classes=prepared.classes,
        )
        if not runner.is_done(stage):
            if later := names[names.index(name) + 1 :]:
                runner.warm(later[0], StageKind.COMPRESS)
            else:
                then = StageKind.EVALUATE
                runner.warm(then.name_of(), then, plan.judging_modules(recipe))
        (output,) = runner.together([stage])
        sources[component] = output / "model" / "model.xml"
        compressed[component] = read_info(output, Compressed)
        keys.append(stage.key)
    folder = run.folder / "models" / variant.name
    return Artefact(
        name=variant.name,
        folder=folder,
        files=_copy_files(sources, conversion, folder),
        methods=methods,
        properties=variant.execution,
        key="/".join(keys),
        compressed=compressed,
    )


def evaluate(
    run: Run,
    request: Request,
    recipe: Recipe,
    artefacts: Sequence[Artefact],
    prepared: Prepared,
    runner: Runner,
    answering: Answering,
) -> Evaluated:
    """Returns accuracy, nearness to the baseline and samples, every variant on the same samples."""
    folder = prepared.evaluation.folder
    inferences = [inference_of(request, recipe, artefact, prepared) for artefact in artefacts]
    full_precision = before_storage(inferences[0], recipe, prepared)
    work = Evaluation(
        recipe=recipe,
        base=request.base,
        device=request.device,
        evaluation=str(folder),
        cache=str(runner.cache.folder),
        inferences=inferences,
        full_precision=full_precision,
        classes=prepared.classes,
    )

    def answer(journal: Journal) -> int:
        if recipe.task not in PIPELINES:
            return 0
        subjects = {it.name: subject(run, request, recipe, it, prepared) for it in artefacts}
        return answering.answer(inferences, subjects, folder, journal, runner.server())

    output = runner.alone(work, run.folder / "evaluation", answer)
    for inference in [*inferences, *([full_precision] if full_precision else [])]:
        runner.keep("outputs", inference.key)
    keep_labels(run.folder, read_info(folder, Collected).labels)
    return read_info(output, Evaluated)


def measure(
    run: Run,
    request: Request,
    recipe: Recipe,
    artefacts: Sequence[Artefact],
    prepared: Prepared,
    evaluated: Evaluated,
    runner: Runner,
    answering: Answering,
    log: int,
) -> dict[str, Measured]:
    """Returns latency, throughput, memory and executed precision, interleaved on real samples."""
    modes = plan.modes(recipe)
    if not modes:
        return {}
    subjects = [
        replace(
            subject(run, request, recipe, artefact, prepared),
            executed_precision=evaluated.executed_precision.get(artefact.name, {}),
        )
        for artefact in artefacts
    ]
    wanted = recipe.measure
    forked = recipe.task in PIPELINES
    if not forked:
        runner.end_server()
    return runner.here(
        StageKind.MEASURE,
        lambda journal: measure_subjects(
            subjects,
            seconds=wanted.seconds,
            blocks=wanted.blocks,
            modes=modes,
            batches=wanted.batches if wanted.throughput else (),
            log=log,
            journal=journal,
            server=runner.server() if forked else None,
            started=answering.processes,
        ),
    )


def _check_overlap(recipe: Recipe, found: Mapping[Use, Output], journal: Journal) -> None:
    """Refuse to calibrate on samples that accuracy is measured on, unless asked to."""
    evaluation = read_info(found["evaluation"].folder, Collected)
    for use, output in found.items():
        if use == "evaluation":
            continue
        collected = read_info(output.folder, Collected)
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


def _copy_files(sources: Mapping[str, Path], conversion: Path, folder: Path) -> dict[str, Path]:
    """A variant's folder: model files and what a runtime needs beside them; the models by name."""
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
