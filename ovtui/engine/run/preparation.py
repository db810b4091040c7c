"""What every variant starts from: the model converted, the data collected, both looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ovtui.core.recipes.recipe import Recipe
from ovtui.core.recipes.references import Use, needs_references
from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.results import result
from ovtui.core.runs.stage_kind import StageKind
from ovtui.core.text.errors import RecipeError
from ovtui.engine.compression.group_size import check_group_size
from ovtui.engine.run import plan, stage_keys
from ovtui.engine.run.matching import check_values, classes_of
from ovtui.engine.run.runner import Runner
from ovtui.engine.run.subjects import kind_of
from ovtui.engine.run.variant_doubts import (
    warn_of_types,
)
from ovtui.engine.run.variants import Output, Prepared
from ovtui.engine.store.layout import baseline_of
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import (
    Collected,
    Converted,
    read_info,
    read_references,
)
from ovtui.engine.store.stage_work import Job


def prepare(job: Job, runner: Runner) -> Prepared:
    """Converts the model and collects the data: at the same time, each in a process of its own.

    Args:
        job: whose model and data.
        runner: does the stages, or finds them in the cache.

    Raises:
        StageFailed: the model cannot be converted, or the data cannot be read.
        RecipeError: samples of two uses overlap, and the recipe does not allow it.
        SourceError: the samples hold values that the model cannot take.
    """
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
            warm_next(recipe, plan.compressions(recipe), runner)
    folders = runner.together(todo)
    conversion, *data = (
        Output(folder, stage.key) for folder, stage in zip(folders, todo, strict=True)
    )
    by_use = dict(zip(uses, data, strict=True))
    check_overlap(recipe, by_use, journal)
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


def warm_next(recipe: Recipe, compressions: Sequence[str], runner: Runner) -> None:
    """Starts the process of the next compression, or of the evaluation that follows the last.

    Args:
        recipe: whose metrics the evaluation imports ahead.
        compressions: names of stages that are left, in order.
        runner: holds the process until its stage begins.
    """
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


def check_methods(recipe: Recipe, prepared: Prepared) -> None:
    """Refuses methods whose parameters do not fit the weights.

    Args:
        recipe: with the variants.
        prepared: with the conversion.

    Raises:
        RecipeError: names the key, and what would fit.
    """
    for variant in recipe.variants:
        for name, method in variant.components.items():
            where = f"variants[{variant.name}].components.{name}"
            check_group_size(where, method, baseline_of(prepared.conversion.folder, name))


def try_metrics(job: Job, prepared: Prepared, runner: Runner) -> None:
    """Lets metrics judge the first samples, where they or the model may be unfit for the rest.

    Args:
        job: whose metrics.
        prepared: with the baseline and the evaluation samples.
        runner: does the stage, or finds it in the cache.

    Raises:
        StageFailed: a metric cannot judge what the model gives.
    """
    if not plan.tries_metrics(job.recipe) and not prepared.converted.without_numbers:
        return
    whole = kind_of(job.recipe).graph(prepared.conversion.folder) is not None
    model = baseline_of(prepared.conversion.folder, WHOLE_MODEL) if whole else None
    runner.together([stage_keys.trial(job, prepared, model)])


def check_overlap(recipe: Recipe, by_use: Mapping[Use, Output], journal: Journal) -> None:
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
