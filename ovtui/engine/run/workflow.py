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
from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.core.recipes.recipe import Recipe, Variant
from ovtui.core.recipes.references import Use, needs_references
from ovtui.core.recipes.source import Folder, HubId
from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.results import result
from ovtui.core.runs import events
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.stage_kind import StageKind
from ovtui.core.text.errors import RecipeError
from ovtui.engine.data.labels import keep_labels
from ovtui.engine.measuring.answering import Answering
from ovtui.engine.measuring.benchmark import Measured, Processes, Schedule
from ovtui.engine.measuring.measurement import measure_subjects
from ovtui.engine.run import pinned, plan, stage_keys
from ovtui.engine.run.assemble import Findings, assemble
from ovtui.engine.run.inferences import before_storage, inference_of
from ovtui.engine.run.job import Job
from ovtui.engine.run.matching import check_values, classes_of
from ovtui.engine.run.runner import Runner
from ovtui.engine.run.stage_keys import Part
from ovtui.engine.run.subjects import kind_of
from ovtui.engine.run.variant_doubts import (
    warn_of_compression,
    warn_of_equal_files,
    warn_of_types,
)
from ovtui.engine.run.variants import PYTORCH, Artefact, Output, Prepared
from ovtui.engine.store.cache import copy
from ovtui.engine.store.layout import baseline_of, f32_on, stem_of
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import (
    Collected,
    Compressed,
    Converted,
    Evaluated,
    Recorded,
    read_info,
    read_references,
)
from ovtui.engine.store.stage_work import STAGES, Evaluation, PipelineFiles

BASELINE = "fp32"


def work(run: Run, job: Job, journal: Journal, log: int) -> result.Result:
    """Does everything that is not done yet, and report.

    Args:
        run: whose folder.
        job: what is asked for.
        journal: where events go.
        log: descriptor for what processes print.

    Raises:
        UserError: the recipe cannot be done as it is.
        StageFailed: a stage ended without its output.
    """
    recipe_check.check(job)
    first = pinned.stage_names(job)
    journal.write(events.Started(time=time.time(), stages=[*first, *plan.stage_names(job.recipe)]))
    if job.recipe.trust:
        journal.warn("trust = true: remote code and pickled weights were allowed")
    job, sources, fetching = pinned.fetch(run, job, journal, log)
    with (
        Runner(run, journal, log, transformers_of(job)) as runner,
        Answering(runner.cache, log, keep=bool(plan.modes(job.recipe))) as answering,
    ):
        prepared = prepare(job, runner)
        device = prepared.converted.device
        if device != job.device:
            journal.warn(f"{job.device} chose {device}: everything is measured there")
            job = structs.replace(job, device=device)
        try_metrics(job, prepared, runner)
        artefacts = baselines(run, job.recipe, prepared)
        artefacts += original(run, job, artefacts[0])
        inputs = calibration_of(job, prepared, runner)
        for variant in job.recipe.variants:
            artefacts.append(compress(job, variant, prepared, inputs, runner))
            warn_of_compression(artefacts[-1], journal)
        warn_of_equal_files(artefacts, journal)
        evaluated = evaluate(job, artefacts, prepared, runner, answering)
        measured = measure(job, artefacts, prepared, evaluated, runner, answering)
        runner.prune(int(user_settings().cache_gib * 2**30))
        times = [*fetching, *runner.times]
    return assemble(run, job, Findings(prepared, artefacts, evaluated, measured, times, sources))


def transformers_of(job: Job) -> PipelineFiles | None:
    """Returns what a fork server is told, where transformers has the model.

    Its import takes seconds.
    """
    if not isinstance(job.model_source(), Folder | HubId):
        return None
    return PipelineFiles(job.recipe, job.base, conversion="", models={})


def prepare(job: Job, runner: Runner) -> Prepared:
    """Converts the model and collect the data: at the same time, each in a process of its own."""
    recipe, journal = job.recipe, runner.journal
    uses = plan.uses(recipe)
    collect = [
        stage_keys.collection(job, use, references=needs_references(recipe, use)) for use in uses
    ]
    todo = [stage_keys.conversion(job), *collect]
    if not all(runner.is_done(stage) for stage in todo):
        if kind_of(recipe).recorded(recipe):
            runner.warm(StageKind.RECORD.name_of(), StageKind.RECORD)
        else:
            _warm_next(recipe, plan.compressions(recipe), runner)
    folders = runner.together(todo)
    conversion, *data = (
        Output(folder, stage.key) for folder, stage in zip(folders, todo, strict=True)
    )
    by_use = dict(zip(uses, data, strict=True))
    _check_overlap(recipe, by_use, journal)
    converted = read_info(conversion.folder, Converted)
    warn_of_types(converted, journal)
    for use in uses:
        collected = read_info(by_use[use].folder, Collected)
        if collected.skipped:
            first = "; ".join(collected.skipped_first[:2])
            journal.warn(f"{use}: {collected.skipped} samples were skipped ({first})")
        pictures = recipe.task_info.picture
        for warning in check_values(converted.inputs, collected, pictures=pictures):
            journal.warn(f"{use}: {warning}")
    return Prepared(
        conversion=conversion,
        evaluation=by_use["evaluation"],
        calibration=by_use.get("calibration"),
        validation=by_use.get("validation"),
        classes=_classes(recipe, converted, by_use["evaluation"].folder),
    )


def _warm_next(recipe: Recipe, compressions: Sequence[str], runner: Runner) -> None:
    """Starts the process of the next compression, or of the evaluation that follows the last."""
    if compressions:
        runner.warm(compressions[0], StageKind.COMPRESS)
    else:
        kind = StageKind.EVALUATE
        runner.warm(kind.name_of(), kind, plan.judging_modules(recipe))


def _classes(recipe: Recipe, converted: Converted, evaluation: Path) -> result.Classes | None:
    """Finds how a classifier's output and the data's labels are read."""
    answers = read_references(evaluation)
    collected = read_info(evaluation, Collected)
    return classes_of(recipe, converted.outputs, collected, answers)


def try_metrics(job: Job, prepared: Prepared, runner: Runner) -> None:
    """Lets metrics judge the first samples, where they or the model may be unfit for the rest."""
    if not plan.tries_metrics(job.recipe) and not prepared.converted.without_numbers:
        return
    whole = kind_of(job.recipe).graph(prepared.conversion.folder) is not None
    model = baseline_of(prepared.conversion.folder, WHOLE_MODEL) if whole else None
    runner.together([stage_keys.trial(job, prepared, model)])


def baselines(run: Run, recipe: Recipe, prepared: Prepared) -> list[Artefact]:
    """Lays out the converted model in f32, and in the device's own precision if that differs."""
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


def original(run: Run, job: Job, baseline: Artefact) -> list[Artefact]:
    """Returns the PyTorch model that the baseline was converted from, if the recipe asks for it."""
    if not job.recipe.baseline.pytorch:
        return []
    described = run.folder / STAGES / f"{PYTORCH}.json"
    described.write_bytes(msgspec.json.encode(PlacedRecipe(job.recipe, job.base)))
    files = kind_of(job.recipe).original_files(described)
    return [replace(baseline, name=PYTORCH, files=files, properties={})]


def calibration_of(job: Job, prepared: Prepared, runner: Runner) -> dict[str, Output]:
    """Returns the calibration samples of each component that needs some, by its name."""
    calibration, wanted = prepared.calibration, kind_of(job.recipe).recorded(job.recipe)
    if calibration is None:
        return {}
    if not wanted:
        return {WHOLE_MODEL: calibration}
    stage = stage_keys.recording(job, prepared.conversion, calibration, wanted)
    if not runner.is_done(stage):
        _warm_next(job.recipe, plan.compressions(job.recipe), runner)
    (output,) = runner.together([stage])
    recorded = read_info(output, Recorded)
    for name, count in recorded.repeated.items():
        if count:
            runner.journal.warn(f"calibration: {count} calls of {name} were equal to earlier ones")
    return {name: Output(output / name, recorded.digests[name]) for name in wanted}


def compress(
    job: Job,
    variant: Variant,
    prepared: Prepared,
    calibration: Mapping[str, Output],
    runner: Runner,
) -> Artefact:
    """Makes one compressed variant, each of its components in a process of its own."""
    recipe = job.recipe
    conversion, converted = prepared.conversion.folder, prepared.converted
    methods = {name: variant.components.get(name, Unchanged()) for name in recipe.component_names}
    sources = {name: baseline_of(conversion, name) for name in methods}
    keys, compressed = [prepared.conversion.key], {}
    names = plan.compressions(recipe)
    for component, method in methods.items():
        name = plan.compression(variant, component)
        if name not in names:
            continue  # as the baseline has it
        part = Part(
            stage=name,
            component=component,
            method=method,
            source=Output(conversion, converted.digests.get(component, prepared.conversion.key)),
            calibration=calibration[component] if method.needs_calibration else None,
            validation=prepared.validation if method.needs_validation else None,
            stateful=component in converted.stateful,
            classes=prepared.classes,
        )
        stage = stage_keys.compression(job, part)
        if not runner.is_done(stage):
            _warm_next(recipe, names[names.index(name) + 1 :], runner)
        (output,) = runner.together([stage])
        sources[component] = output / "model" / "model.xml"
        compressed[component] = read_info(output, Compressed)
        keys.append(stage.key)
    folder = runner.run.folder / "models" / variant.name
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
    job: Job,
    artefacts: Sequence[Artefact],
    prepared: Prepared,
    runner: Runner,
    answering: Answering,
) -> Evaluated:
    """Finds accuracy, nearness to the baseline and samples, all variants on the same samples."""
    recipe, run, kind = job.recipe, runner.run, kind_of(job.recipe)
    folder = prepared.evaluation.folder
    inferences = [inference_of(job, artefact, prepared) for artefact in artefacts]
    full_precision = None
    if recipe.baseline.storage != "fp32":
        full_precision = before_storage(inferences[0], kind.graph(prepared.conversion.folder))
    work = Evaluation(
        recipe,
        job.base,
        device=job.device,
        evaluation=str(folder),
        cache=str(runner.cache.folder),
        inferences=inferences,
        timed=recipe.measure.latency and not kind.answers_first,
        full_precision=full_precision,
        classes=prepared.classes,
    )

    def answer(journal: Journal) -> int:
        if not kind.answers_first:
            return 0
        subjects = {
            artefact.name: kind.subject(job, artefact, prepared, run) for artefact in artefacts
        }
        return answering.answer(inferences, subjects, folder, journal, runner.server())

    output = runner.alone(work, run.folder / "evaluation", answer)
    for inference in [*inferences, *([full_precision] if full_precision else [])]:
        runner.keep("outputs", inference.key)
    keep_labels(run.folder, read_info(folder, Collected).labels)
    return read_info(output, Evaluated)


def measure(
    job: Job,
    artefacts: Sequence[Artefact],
    prepared: Prepared,
    evaluated: Evaluated,
    runner: Runner,
    answering: Answering,
) -> dict[str, Measured]:
    """Measures latency, throughput, memory and executed precision, interleaved on real samples."""
    modes, kind = plan.modes(job.recipe), kind_of(job.recipe)
    if not modes:
        return {}
    subjects = [
        replace(
            kind.subject(job, artefact, prepared, runner.run),
            executed_precision=evaluated.executed_precision.get(artefact.name, {}),
        )
        for artefact in artefacts
    ]
    wanted = job.recipe.measure
    if not kind.answers_first:
        runner.end_server()
    schedule = Schedule(
        seconds=wanted.seconds,
        blocks=wanted.blocks,
        modes=modes,
        batches=wanted.batches if "throughput" in modes else (),
    )
    processes = Processes(
        log=runner.log,
        server=runner.server() if kind.answers_first else None,
        started=answering.processes,
    )
    return runner.here(
        StageKind.MEASURE,
        lambda journal: measure_subjects(subjects, schedule, processes, journal),
    )


def _check_overlap(recipe: Recipe, by_use: Mapping[Use, Output], journal: Journal) -> None:
    """Refuses to calibrate on samples that accuracy is measured on, unless asked to."""
    evaluation = read_info(by_use["evaluation"].folder, Collected)
    for use, output in by_use.items():
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
