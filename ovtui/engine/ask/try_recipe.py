"""`python -m ovtui.engine.ask.try_recipe`: what the baseline says of a recipe's first sample.

A request comes as JSON on standard input, `Tried` goes to standard output. The model is converted
if it is not in the cache, and is kept there for the run that follows.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import structs

from ovtui.core.asking.new_recipe import Tried
from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.recipes.references import needs_references
from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.run_request import Request
from ovtui.core.text.errors import SourceError
from ovtui.engine.ask.answer import answer_one
from ovtui.engine.conversion.collect import open_samples, row_of
from ovtui.engine.data.rows import Rows, Unusable
from ovtui.engine.data.spool import Arrays, Groups, Spool
from ovtui.engine.models.inference import infer_calls
from ovtui.engine.run import plan, stage_keys
from ovtui.engine.run.matching import check_values, classes_of
from ovtui.engine.run.pinned import fetch
from ovtui.engine.run.runner import Runner
from ovtui.engine.run.subjects import kind_of
from ovtui.engine.run.workflow import transformers_of
from ovtui.engine.store.layout import EXACT, F32, baseline_of
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Collected, Converted, read_info, read_references
from ovtui.engine.store.stage_work import PipelineFiles, job_of
from ovtui.engine.tasks import Task, reopen_task

_SAMPLES = 8
"""Evaluation samples that are collected: as many as a conversion may want to see."""
_MOST_TOKENS = 32
"""Of an answer that is shown: enough to see that it is one."""


def try_recipe(request: Request, folder: Path, log: int) -> Tried:
    """Returns the baseline's answer to the first evaluation sample, of the few that are collected.

    Args:
        request: of a recipe.
        folder: for what stages leave.
        log: descriptor that libraries print to.

    Raises:
        UserError: the recipe cannot be done as it is.
        StageFailed: the model cannot be converted, or the data not be read.
    """
    run = Run(folder)
    job = fetch(run, job_of(request), Journal(run), log).job
    recipe = _few_samples(job.recipe)
    job = structs.replace(job, recipe=recipe)
    if "calibration" in plan.uses(recipe):
        _check_calibration(job)
    references = needs_references(recipe, "evaluation")
    with Runner(run, Journal(run), log, transformers_of(job)) as runner:
        conversion, evaluation = runner.together(
            [
                stage_keys.conversion(job),
                stage_keys.collection(job, "evaluation", references=references),
            ]
        )
    collected = read_info(evaluation, Collected)
    calls = Groups(Spool(evaluation, "inputs"), collected.sizes)[0]
    task, row = reopen_task(job, collected), Rows(evaluation)[0]
    answers = read_references(evaluation) if references else None
    warnings = list(_look_at_values(recipe, read_info(conversion, Converted), collected))
    if kind_of(recipe).graph(conversion) is None:
        prediction = _written(job, conversion, task, calls[0])
    else:
        outputs = read_info(conversion, Converted).outputs
        task.classes = classes_of(recipe, outputs, collected, answers)
        prediction = _given(baseline_of(conversion, WHOLE_MODEL), task, calls)
    return Tried(
        inputs={name: f"{array.dtype} {list(array.shape)}" for name, array in calls[0].items()},
        shown=task.words(row),
        reference=task.name_reference(answers[0]) if answers else None,
        prediction=task.describe(task.within(row, prediction)),
        warnings=warnings,
    )


def _few_samples(recipe: Recipe) -> Recipe:
    """The recipe with the first rows of what it evaluates."""
    subset = recipe.data.evaluation
    few = min(_SAMPLES, subset.samples or _SAMPLES)
    subset = structs.replace(subset, samples=few, shuffle=False)
    return structs.replace(recipe, data=structs.replace(recipe.data, evaluation=subset))


def _check_calibration(asked: PlacedRecipe) -> None:
    """Reads one calibration sample.

    Raises:
        SourceError: the split or a column is not there, or the sample cannot be used.
    """
    selection, task = open_samples(asked, "calibration", references=False)
    try:
        row_of(selection, task, int(selection.indices[0]))
    except Unusable as error:
        where = f"{selection.dataset}: row {int(selection.indices[0])}"
        raise SourceError(f"{where}: {error}") from error


def _look_at_values(recipe: Recipe, converted: Converted, collected: Collected) -> Iterator[str]:
    """What to know of the samples; refuses values that an input cannot take."""
    if collected.skipped:
        yield f"{collected.skipped} rows cannot be used: {collected.skipped_first[0]}"
    pictures = recipe.task_info.picture
    yield from check_values(converted.inputs, collected, pictures=pictures)


def _given(model: Path, task: Task, calls: list[Arrays]) -> Any:
    """What one graph says.

    Raises:
        SourceError: that is no number.
    """
    import openvino as ov

    compiled = ov.Core().compile_model(model, "CPU", F32)
    task.look_at(model, calls[0])
    outputs = infer_calls(compiled, calls)
    if not all(np.isfinite(it).all() for call in outputs for it in call if it.dtype.kind == "f"):
        raise SourceError(
            "the model answers the first sample with NaN or infinity; check its weights, and that "
            "the data are preprocessed as it expects"
        )
    return task.prediction(outputs)


def _written(asked: PlacedRecipe, conversion: Path, task: Task, inputs: Arrays) -> Any:
    """What a pipeline writes."""
    from ovtui.engine.pipelines.generate import open_pipeline

    models = {name: str(baseline_of(conversion, name)) for name in asked.recipe.component_names}
    files = PipelineFiles(asked.recipe, asked.base, conversion=str(conversion), models=models)
    most = asked.recipe.generation.max_new_tokens or _MOST_TOKENS
    pipeline = open_pipeline(files, "CPU", EXACT)
    outputs = pipeline.generate(inputs, max_new_tokens=min(most, _MOST_TOKENS))
    return task.prediction([list(outputs.values())])


def _in_a_folder(request: Request) -> Tried:
    with tempfile.TemporaryDirectory() as folder:
        return try_recipe(request, Path(folder), 2)


if __name__ == "__main__":
    sys.exit(answer_one(Request, Tried, _in_a_folder))
