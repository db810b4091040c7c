"""What accuracy control judges by: labelled samples, and a function that scores a model on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import length_hint
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from ovtui.core.recipe import Recipe
from ovtui.core.reductions import REDUCTIONS
from ovtui.core.source import model_source
from ovtui.engine.data.inputs import bind
from ovtui.engine.data.labels import Labels
from ovtui.engine.data.spool import Arrays, Groups, Spool
from ovtui.engine.evaluation import score
from ovtui.engine.evaluation.metrics import open_metric
from ovtui.engine.progress import Journal
from ovtui.engine.sources import model_folder
from ovtui.engine.specification import Collected
from ovtui.engine.tasks import open_task, task_class


class Sample(NamedTuple):
    """A sample's calls of the model, and its right answer."""

    calls: list[Arrays]
    reference: Any


class Labelled:
    """Samples with their right answers: indexed and iterated as NNCF does it."""

    def __init__(self, folder: Path) -> None:
        collected = msgspec.json.decode((folder / "info.json").read_bytes(), type=Collected)
        self._calls = Groups(Spool(folder, "inputs"), collected.sizes)
        self._references = score.read_references(folder)
        self.labels = collected.labels

    def __len__(self) -> int:
        return len(self._calls)

    def __getitem__(self, index: int) -> Sample:
        return Sample(self._calls[index], self._references[index])

    def __iter__(self) -> Iterator[Sample]:
        return map(Sample, self._calls, self._references)


def without_reference(sample: Sample) -> Arrays:
    """The model's inputs of a labelled sample; those of its first call, where it takes several."""
    return sample.calls[0]


def validator(recipe: Recipe, labels: list[str] | None, base: Path, journal: Journal) -> Any:
    """The validation function that NNCF calls: metric and per-sample scores of a model.

    Each call is a step of progress, since NNCF shows none.
    """
    metric = open_metric(recipe.metric or task_class(recipe.task).metric, base)
    folder = model_folder(model_source(recipe.model.source, base), recipe.model.revision)
    task = open_task(recipe, Labels(labels), folder, None)
    sign = 1 if metric.higher_is_better else -1  # NNCF takes more for better

    def validate(model: Any, items: Iterable[Sample]) -> tuple[float, list[float] | None]:
        predictions, references = [], []
        for item in journal.each(items, "Validation", length_hint(items) or None):
            calls = []
            for inputs in item.calls:
                results = model(bind(model.inputs, inputs))
                calls.append([np.array(results[port]) for port in model.outputs])
            predictions.append(task.prediction(calls))
            references.append(item.reference)
        given = score.Answers(predictions, [task.answer(it) for it in predictions])
        found = score.compared(task, metric, given)
        wanted = score.expected(task, metric, references)
        outcomes = metric.outcomes(found, wanted)
        is_mean = REDUCTIONS[metric.reduction].arity == 1
        scores = [sign * outcome[0] for outcome in outcomes] if is_mean else None
        return sign * metric.value(found, wanted), scores

    return validate
