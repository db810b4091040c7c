"""What accuracy control judges by: labelled samples, and a function that scores a model on them."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from operator import length_hint
from pathlib import Path
from typing import Any, NamedTuple

import openvino as ov

from ovtui.core.statistics.reductions import REDUCTIONS
from ovtui.engine.compression.nncf_patches.accuracy_control import Validate
from ovtui.engine.data.labels import Labels
from ovtui.engine.data.rows import Rows
from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import Arrays, Groups, Spool
from ovtui.engine.evaluation.judge import Judge
from ovtui.engine.evaluation.metrics import metrics_of
from ovtui.engine.models.inference import infer_calls
from ovtui.engine.models.sources import folder_of_model
from ovtui.engine.store.layout import F32
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Collected, read_info, read_references
from ovtui.engine.store.stage_work import Compression
from ovtui.engine.tasks import Task, open_task


class Sample(NamedTuple):
    """A sample's calls of the model, its right answer, and which of all it is."""

    calls: list[Arrays]
    reference: Any
    position: int


class Labelled:
    """Samples with their right answers: indexed and iterated as NNCF does it."""

    def __init__(self, folder: Path) -> None:
        collected = read_info(folder, Collected)
        self._calls = Groups(Spool(folder, "inputs"), collected.sizes)
        none = [None] * len(self._calls)
        self._references = read_references(folder) or none
        self._folder = folder
        self.labels = collected.labels

    def __len__(self) -> int:
        return len(self._calls)

    def __getitem__(self, index: int) -> Sample:
        return Sample(self._calls[index], self._references[index], index)

    def __iter__(self) -> Iterator[Sample]:
        return map(Sample, self._calls, self._references, range(len(self)))

    def row(self, index: int) -> Row:
        """Returns a sample as it was read."""
        return self._rows[index]

    @functools.cached_property
    def _rows(self) -> Rows:
        return Rows(self._folder)


def without_reference(sample: Sample) -> Arrays:
    """Returns the model's inputs of a labelled sample; those of its first call, where it takes
    several.
    """
    return sample.calls[0]


def validator(work: Compression, samples: Labelled, journal: Journal) -> Validate:
    """Returns the validation function that NNCF calls: metric and per-sample scores of a model.

    Each call is a step of progress, since NNCF shows none.

    Args:
        work: whose metric, and the original model.
        samples: what NNCF gives the function, or some of it.
        journal: where progress goes.
    """
    metric = metrics_of(work)[0]
    folder = folder_of_model(work)
    labels = Labels(samples.labels)
    task = open_task(work.recipe, labels, folder, None, work.classes, work.place)
    task.look_at(Path(work.source), samples[0].calls[0])
    sign = 1 if metric.higher_is_better else -1  # NNCF takes more for better
    before = (
        _Baseline(Path(work.source), task, samples)
        if metric.beside_baseline is not None or not metric.needs_references
        else None
    )

    def validate(
        compiled: ov.CompiledModel, items: Iterable[Sample]
    ) -> tuple[float, list[float] | None]:
        predictions, references, baseline = [], [], []
        for item in journal.each(items, "Validation", length_hint(items) or None):
            prediction = task.prediction(infer_calls(compiled, item.calls))
            predictions.append(task.within(samples.row(item.position), prediction))
            references.append(item.reference)
            baseline.append(before.says(item) if before else predictions[-1])
        value, outcomes, *_ = Judge(task, metric, baseline, references).measure(predictions)
        is_mean = REDUCTIONS[metric.reduction].arity == 1
        scores = [sign * outcome[0] for outcome in outcomes] if is_mean else None
        return sign * value, scores

    return validate


class _Baseline:
    """What the original model says of samples, inferred once each."""

    def __init__(self, model: Path, task: Task, samples: Labelled) -> None:
        self._samples = samples
        self._compiled = ov.Core().compile_model(model, "CPU", F32)
        self._task = task
        self._said: dict[int, Any] = {}

    def says(self, item: Sample) -> Any:
        """The prediction for a sample."""
        if item.position not in self._said:
            outputs = infer_calls(self._compiled, item.calls)
            prediction = self._task.prediction(outputs)
            self._said[item.position] = self._task.within(
                self._samples.row(item.position), prediction
            )
        return self._said[item.position]
