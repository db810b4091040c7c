"""A run from its recipe to its result: the stages in order, each cached and resumable."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from msgspec import structs

from ovtui.core.home.settings import user_settings
from ovtui.core.recipes import recipe_check
from ovtui.core.recipes.compression import Unchanged
from ovtui.core.recipes.recipe import Variant
from ovtui.core.recipes.source import Folder, HubId
from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.results import result
from ovtui.core.results.variant import FirstAgreement
from ovtui.core.runs import events
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.stage_kind import StageKind
from ovtui.engine.data.labels import keep_labels
from ovtui.engine.measuring.answering import Answering
from ovtui.engine.measuring.benchmark import Measured, Processes, Schedule
from ovtui.engine.measuring.measurement import measure_subjects
from ovtui.engine.run import pinned, plan, stage_keys
from ovtui.engine.run.artefacts import baselines, copy_files, original
from ovtui.engine.run.assemble import Findings, assemble
from ovtui.engine.run.collapse import warn_of_collapse
from ovtui.engine.run.executions import choose_executions, tell_execution
from ovtui.engine.run.inferences import before_storage, inference_of
from ovtui.engine.run.preparation import check_methods, prepare, try_metrics, warm_next
from ovtui.engine.run.runner import Runner
from ovtui.engine.run.stage_keys import Part
from ovtui.engine.run.subjects import kind_of
from ovtui.engine.run.variant_doubts import (
    warn_of_compression,
    warn_of_equal_files,
)
from ovtui.engine.run.variants import Artefact, Output, Prepared
from ovtui.engine.store.layout import baseline_of
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import (
    Collected,
    Compressed,
    Evaluated,
    Recorded,
    read_info,
)
from ovtui.engine.store.stage_work import Evaluation, Job, PipelineFiles


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
    began = time.monotonic()
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
        check_methods(job.recipe, prepared)
        try_metrics(job, prepared, runner)
        artefacts = baselines(run, job.recipe, prepared)
        artefacts += original(run, job, artefacts[0])
        inputs = calibration_of(job, prepared, runner)
        for variant in job.recipe.variants:
            made = compress(job, variant, prepared, inputs, runner)
            warn_of_compression(made, journal)
            artefacts.append(ask_first(job, variant, (artefacts[0], made), prepared, runner))
        warn_of_equal_files(artefacts, journal)
        artefacts = choose_executions(job, artefacts, prepared, runner, began)
        evaluated = evaluate(job, artefacts, prepared, runner, answering)
        measured = measure(job, artefacts, prepared, evaluated, runner, answering)
        runner.prune(int(user_settings().cache_gib * 2**30))
        times = [*fetching, *runner.times]
    return assemble(run, job, Findings(prepared, artefacts, evaluated, measured, times, sources))


def transformers_of(job: Job) -> PipelineFiles | None:
    """Returns what a fork server is told; None where transformers does not have the model.

    The server imports transformers once for all stages, which takes seconds.
    """
    if not isinstance(job.model_source(), Folder | HubId):
        return None
    return PipelineFiles(job.recipe, job.base, conversion="", models={})


def calibration_of(job: Job, prepared: Prepared, runner: Runner) -> dict[str, Output]:
    """Returns the calibration samples of each component that needs some, by its name."""
    calibration, wanted = prepared.calibration, kind_of(job.recipe).recorded(job.recipe)
    if calibration is None:
        return {}
    if not wanted:
        return {WHOLE_MODEL: calibration}
    stage = stage_keys.recording(job, prepared.conversion, calibration, wanted)
    if not runner.is_done(stage):
        warm_next(job.recipe, plan.compressions(job.recipe), runner)
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
            continue  # this component stays as the baseline has it
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
            warm_next(recipe, names[names.index(name) + 1 :], runner)
        (output,) = runner.together([stage])
        sources[component] = output / "model" / "model.xml"
        compressed[component] = read_info(output, Compressed)
        keys.append(stage.key)
    folder = runner.run.folder / "models" / variant.name
    artefact = Artefact(
        name=variant.name,
        folder=folder,
        files=copy_files(sources, conversion, folder),
        methods=methods,
        properties=variant.properties,
        bucket=variant.bucket,
        key="/".join(keys),
        compressed=compressed,
    )
    tell_execution(artefact, job.device)
    return artefact


def ask_first(
    job: Job,
    variant: Variant,
    files: tuple[Artefact, Artefact],
    prepared: Prepared,
    runner: Runner,
) -> Artefact:
    """Compares a variant's answers to a few samples with the baseline's; warns of a broken one.

    Args:
        job: for the device.
        variant: as the recipe has it.
        files: the baseline's and the variant's.
        prepared: with the evaluation samples.
        runner: does the stage, or finds it in the cache.
    """
    baseline, made = files
    if plan.agreement(variant) is None:
        return made
    (output,) = runner.together([stage_keys.agreement(job, baseline, made, prepared)])
    agreement = read_info(output, FirstAgreement)
    warn_of_collapse(made, baseline.name, agreement, runner.journal)
    return replace(made, first_agreement=agreement)


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
        full_precision = before_storage(inferences, kind.graph(prepared.conversion.folder))
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
    if not modes and job.recipe.measure.sweep is None:
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
        sweep=wanted.sweep,
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
