"""What a metric says of a variant's predictions, and whether it says anything at all."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ovtui.core.results.compare import reduce_outcomes
from ovtui.core.statistics.reductions import Outcome, why_undefined
from ovtui.core.text.errors import SourceError
from ovtui.engine.evaluation.metric import Joint, Metric
from ovtui.engine.tasks import Task
from ovtui.engine.tasks.answers import PerRow

_PROBED = 8
"""Samples that a metric is tried on with outputs that are wrong."""


class Judgement(NamedTuple):
    """What a metric says of all samples."""

    value: float
    outcomes: list[Outcome]
    undefined: str = ""
    """Why the value says nothing; empty where it does."""
    joint: Joint | None = None
    """Of a metric that no sum over samples gives."""


class Judge:
    """A metric, for the samples whose right answers and baseline's predictions it knows.

    Args:
        task: whose predictions.
        metric: what judges them.
        baseline: the baseline's predictions, one a sample.
        references: the right answers as plain data; empty where the data name none.

    Raises:
        SourceError: right answers are needed and there are none.
    """

    def __init__(self, task: Task, metric: Metric, baseline: PerRow, references: PerRow) -> None:
        self.metric = metric
        self._task = task
        self._baseline = baseline
        self._own = self._parts(baseline)
        if not metric.needs_references:
            self._wanted = task.as_right(self._own) if metric.joint else self._own
        else:
            references = references or [None] * len(baseline)
            self._wanted = self._alike([task.restored(reference) for reference in references])
            if metric.beside_baseline is None and all(
                reference is None for reference in references
            ):
                raise SourceError(
                    f"metric {metric.name}: compares with right answers, and the data name none; "
                    'give their column, as in data.columns = { reference = "y" }'
                    + (", or take the baseline's as a parameter 'baseline'" * metric.custom)
                )

    @functools.cached_property
    def first(self) -> list[Outcome]:
        """The baseline's own outcomes."""
        return self.measure(self._baseline).outcomes

    def measure(self, predictions: PerRow) -> Judgement:
        """Returns the metric of a variant, and what each sample contributes."""
        parts = self._parts(predictions)
        if self.metric.joint is not None:
            joint = self.metric.joint(parts, self._wanted)
            return Judgement(joint.value, joint.outcomes, joint=joint)
        if self.metric.by_task:
            same = self._task.same(self._baseline, predictions)
            outcomes: list[Outcome] = [(float(it),) for it in same]
        else:
            outcomes = self._outcomes(parts, len(parts))
        return Judgement(self.metric.total(parts, self._wanted, outcomes), outcomes)

    def judge(self, predictions: PerRow) -> Judgement:
        """Returns the metric of a variant, or of the baseline itself, and whether it is one."""
        judgement = self.measure(predictions)
        why = why_undefined(self.metric.reduction, self.first) or self._why_lowest()
        if not why and predictions is not self._baseline:
            why = self._why_constant(judgement.outcomes)
        return judgement._replace(undefined=why)

    def by_name(self, classes: Mapping[int, float]) -> dict[str, float]:
        """Returns a metric's values by the names of classes; of none that is NaN."""
        return {
            self._task.class_name(label): value
            for label, value in classes.items()
            if not math.isnan(value)
        }

    def _outcomes(self, parts: PerRow, count: int) -> list[Outcome]:
        """Of the first samples, as many as are asked for."""
        wanted = self._wanted[:count]
        if self.metric.beside_baseline is not None:
            return self.metric.beside_baseline(parts, wanted, self._own[:count])
        return self.metric.outcomes(parts, wanted)

    def _why_lowest(self) -> str:
        """Whether no sample could get worse: to keep within `max_drop` would be no merit."""
        reduction = self.metric.reduction
        gives = any(outcome[0] for outcome in self.first) or reduce_outcomes(reduction, self.first)
        if gives or self.metric.custom or not self.metric.higher_is_better:
            return ""
        return "the baseline's score is 0 in every sample: none could get worse"

    def _why_constant(self, outcomes: Sequence[Outcome]) -> str:
        """Whether a person's metric gives one score, also where the outputs are wrong."""
        scores = {tuple(outcome) for outcome in (*self.first, *outcomes)}
        if not self.metric.custom or len(scores) > 1 or self._looks():
            return ""
        return f"it gives {scores.pop()[0]:g} for every sample, whatever the outputs are"

    def _looks(self) -> bool:
        """Whether any score changes with other samples' outputs, or with zeros."""
        own = self._own[:_PROBED]
        right = [tuple(it) for it in self.first[:_PROBED]]
        try:
            return any(
                [tuple(outcome) for outcome in self._outcomes(wrong, len(own))] != right
                for wrong in ([*own[1:], own[0]], [_zeros(prediction) for prediction in own])
            )
        except SourceError:
            return True  # it refuses them, thus it looks at them

    def _parts(self, predictions: PerRow) -> PerRow:
        if self.metric.by_task:
            return list(predictions)
        return self._alike(
            [self._task.part(prediction, self.metric.compares) for prediction in predictions]
        )

    def _alike(self, answers: PerRow) -> PerRow:
        return (
            [_normalised(self._task, answer) for answer in answers]
            if self.metric.normalised
            else answers
        )


def _zeros(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {name: _zeros(value) for name, value in answer.items()}
    if isinstance(answer, str):
        return ""
    return np.zeros_like(answer) if isinstance(answer, np.ndarray) else type(answer)(0)


def _normalised(task: Task, answer: Any) -> Any:
    if isinstance(answer, list | tuple):
        return [_normalised(task, one) for one in answer]
    return task.normalised(answer) if isinstance(answer, str) else answer
