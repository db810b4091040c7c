"""The evaluation of every variant: infer, score, compare, and keep samples to look at."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from ovtui.core import events
from ovtui.core.recipe import Recipe
from ovtui.core.result import Sample
from ovtui.core.source import model_source
from ovtui.engine import score
from ovtui.engine.cache import Cache
from ovtui.engine.end_to_end import end_to_end
from ovtui.engine.infer import infer
from ovtui.engine.labels import Labels
from ovtui.engine.metrics import Metric, open_metric
from ovtui.engine.progress import Journal
from ovtui.engine.rows import Rows
from ovtui.engine.sources import model_folder
from ovtui.engine.specification import (
    Collected,
    Evaluated,
    Evaluation,
    Inference,
    VariantScore,
)
from ovtui.engine.spool import Spool
from ovtui.engine.tasks import Task, open_task, task_class

# Rows that the whole way from data to answer is timed on, in turn.
_ROWS = 16


def evaluate(work: Evaluation, journal: Journal) -> Evaluated:
    """Accuracy, agreement and samples of every variant, the baseline first.

    Raises:
        SourceError: a model does not run on the device, or data or metric cannot be read.
    """
    evaluation, base = Path(work.evaluation), Path(work.base)
    inputs = Spool(evaluation, "inputs")
    outputs = {item.variant: _outputs(item, inputs, work, journal) for item in work.inferences}
    collected = msgspec.json.decode((evaluation / "info.json").read_bytes(), type=Collected)
    metric = open_metric(work.recipe.metric or task_class(work.recipe.task).metric, base)
    task, rows = _task(work.recipe, collected, base), Rows(evaluation)
    answers = {
        name: score.answers(task, Spool(folder, "outputs")) for name, folder in outputs.items()
    }
    baseline = next(iter(answers.values())).answers
    references = score.read_references(evaluation) if metric.needs_references else baseline
    scores = [
        _score(name, outputs, task, metric, found.answers, baseline, references)
        for name, found in answers.items()
    ]
    for found in scores:
        _tell(found, journal)
    judged = references if metric.needs_references else None
    samples = _samples(work, rows, task, collected, answers, judged, journal)
    spans = end_to_end(work, [rows[position] for position in range(min(_ROWS, len(rows)))], task)
    return Evaluated(reduction=metric.reduction, scores=scores, samples=samples, end_to_end=spans)


def _task(recipe: Recipe, collected: Collected, base: Path) -> Task:
    """The task as it was when the samples were collected; the data is not opened again."""
    folder = model_folder(model_source(recipe.model.source, base), recipe.model.revision)
    labels = Labels(collected.labels, collected.data_labels)
    place = Path(collected.folder) if collected.folder else None
    return open_task(recipe.task, recipe.data, labels, folder, place)


def _samples(
    work: Evaluation,
    rows: Rows,
    task: Task,
    collected: Collected,
    answers: dict[str, score.Answers],
    references: Sequence[Any] | None,
    journal: Journal,
) -> list[Sample]:
    """Samples to look at, those first whose answer a variant changed."""
    baseline = next(iter(answers.values())).answers
    changed = [
        any(not task.agrees(answer, given.answers[position]) for given in answers.values())
        for position, answer in enumerate(baseline)
    ]
    return [
        _sample(
            collected.indices[position],
            rows[position],
            None if references is None else references[position],
            {name: given.predictions[position] for name, given in answers.items()},
            changed[position],
            task,
            journal,
        )
        for position in score.choose_samples(changed, work.recipe.samples)
    ]


def _outputs(inference: Inference, inputs: Spool, work: Evaluation, journal: Journal) -> Path:
    """Folder of a variant's outputs: found in the cache, or inferred now and kept there."""
    cache = Cache(Path(work.cache))
    step = journal.step(inference.variant, len(inputs))
    if found := cache.find("outputs", inference.key):
        step.set(len(inputs))
        return found
    folder = cache.begin(journal.run, "outputs", inference.key)
    infer(
        Path(inference.model),
        inputs,
        work.device,
        inference.properties,
        work.batchable,
        folder,
        step,
    )
    return cache.commit(folder, "outputs", inference.key)


def _score(
    name: str,
    outputs: dict[str, Path],
    task: Task,
    metric: Metric,
    given: Sequence[Any],
    baseline: Sequence[Any],
    references: Sequence[Any],
) -> VariantScore:
    accuracy, outcomes = score.score(metric, given, references)
    first = next(iter(outputs))
    near = None
    if name != first:
        near = score.agreement(
            first,
            Spool(outputs[first], "outputs"),
            Spool(outputs[name], "outputs"),
            [task.agrees(one, other) for one, other in zip(baseline, given, strict=True)],
        )
    return VariantScore(variant=name, accuracy=accuracy, agreement=near, outcomes=outcomes)


def _tell(found: VariantScore, journal: Journal) -> None:
    value = msgspec.to_builtins(found.accuracy)
    journal.write(
        events.Measured(time=time.time(), variant=found.variant, what="accuracy", value=value)
    )


def _sample(
    index: int,
    row: Any,
    reference: Any,
    predictions: dict[str, Any],
    changed: bool,
    task: Task,
    journal: Journal,
) -> Sample:
    """A sample with its input small enough to show over SSH."""
    folder = journal.run.folder / "samples"
    folder.mkdir(exist_ok=True)
    return Sample(
        id=str(index),
        input=task.show(row, folder, str(index)),
        reference=None if reference is None else task.name_reference(reference),
        predictions={name: task.describe(item) for name, item in predictions.items()},
        changed=changed,
    )
