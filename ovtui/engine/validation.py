"""What accuracy control judges by: labelled samples, and a function that scores a model on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import length_hint
from pathlib import Path
from typing import Any

import msgspec

from ovtui.core.recipe import Recipe
from ovtui.engine.inputs import bind
from ovtui.engine.labels import Labels
from ovtui.engine.metrics import open_metric
from ovtui.engine.progress import Journal
from ovtui.engine.score import read_references
from ovtui.engine.specification import Collected
from ovtui.engine.spool import Arrays, Spool
from ovtui.engine.tasks import open_task, task_class

REFERENCE = "ovtui.reference"


class Labelled:
    """Samples with their right answers: indexed and iterated as NNCF does it."""

    def __init__(self, folder: Path) -> None:
        self._inputs = Spool(folder, "inputs")
        self._references = read_references(folder)
        self.labels = msgspec.json.decode(
            (folder / "info.json").read_bytes(), type=Collected
        ).labels

    def __len__(self) -> int:
        return len(self._inputs)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {**self._inputs[index], REFERENCE: self._references[index]}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for sample, reference in zip(self._inputs, self._references, strict=True):
            yield {**sample, REFERENCE: reference}


def without_reference(item: dict[str, Any]) -> Arrays:
    """The model's inputs of a labelled sample."""
    return {name: value for name, value in item.items() if name != REFERENCE}


def validator(recipe: Recipe, labels: list[str] | None, base: Path, journal: Journal) -> Any:
    """The validation function that NNCF calls: metric and per-sample scores of a model.

    Each call is a step of progress, since NNCF shows none.
    """
    metric = open_metric(recipe.metric or task_class(recipe.task).metric, base)
    task = open_task(recipe.task, recipe.data, Labels(labels), None, None)

    def validate(model: Any, items: Iterable[dict[str, Any]]) -> tuple[float, list[float] | None]:
        answers, references = [], []
        for item in journal.each(items, "Validation", length_hint(items) or None):
            results = model(bind(model.inputs, without_reference(item)))
            outputs = [results[port] for port in model.outputs]
            answers.append(task.answer(task.predict(outputs)[0]))
            references.append(item[REFERENCE])
        outcomes = metric.outcomes(answers, references)
        scores = [outcome[0] for outcome in outcomes] if metric.reduction == "mean" else None
        return metric.value(answers, references), scores

    return validate
