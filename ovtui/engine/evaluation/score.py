"""Metric, outcomes and nearness to the baseline, from the outputs that variants left on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from ovtui.core.compare import interval
from ovtui.core.result import Accuracy, Agreement
from ovtui.engine.data.spool import Arrays, Groups, Spool
from ovtui.engine.evaluation.judge import Judge
from ovtui.engine.tasks import Task
from ovtui.engine.vectors import cosine


class Answers(NamedTuple):
    """What a variant says about every sample."""

    predictions: list[Any]
    answers: list[Any]


def answers(task: Task, outputs: Groups) -> Answers:
    """Predictions from stored outputs, read one sample at a time."""
    predictions = [task.prediction([list(call.values()) for call in calls]) for calls in outputs]
    return Answers(predictions, [task.answer(prediction) for prediction in predictions])


def score(
    judge: Judge, given: Answers, *, same_outputs: bool
) -> tuple[Accuracy, list[list[float]]]:
    """The metric with its 95 % interval, and each sample's outcome.

    Args:
        judge: the metric.
        given: the answers of the variant.
        same_outputs: the variant's outputs are the baseline's: nearness to them cannot vary, and
            has no interval.
    """
    metric, found = judge.metric, judge.judge(given.predictions)
    certain = same_outputs and not metric.needs_references
    accuracy = Accuracy(
        metric=metric.name,
        higher_is_better=metric.higher_is_better,
        value=found.value,
        ci95=(found.value, found.value) if certain else interval(metric.reduction, found.outcomes),
        count=len(found.outcomes),
        undefined=found.undefined,
    )
    return accuracy, [list(outcome) for outcome in found.outcomes]


def identical(baseline: Spool, variant: Spool) -> bool:
    """Whether all raw outputs of a variant are the baseline's, number by number, on all samples."""
    return len(baseline) == len(variant) and all(
        one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)
        for one, other in zip(baseline, variant, strict=True)
    )


def agreement(
    name: str,
    baseline: Spool,
    variant: Spool,
    compared: Sequence[str] | None,
    same: Sequence[bool],
) -> Agreement:
    """How near a variant's raw outputs are to the baseline's.

    Args:
        name: of the baseline.
        baseline: its outputs.
        variant: the variant's.
        compared: names of the outputs that count; all of them when None.
        same: for each sample, whether the answers are the same.
    """
    cosines, largest = [], 0.0
    for want, got in zip(baseline, variant, strict=True):
        one, other = _flat(want, compared), _flat(got, compared)
        if one.shape != other.shape:
            continue
        cosines.append(cosine(one, other))
        largest = max(largest, float(np.abs(one - other).max(initial=0.0)))
    return Agreement(
        with_=name,
        value=sum(same) / len(same),
        cosine=float(np.mean(cosines)) if cosines else None,
        min_cosine=min(cosines, default=None),
        max_abs_difference=largest if cosines else None,
    )


def choose_samples(changed: Sequence[bool], count: int) -> list[int]:
    """Positions of the samples to show: changed ones first, then evenly spread."""
    chosen = [position for position, is_changed in enumerate(changed) if is_changed][:count]
    if len(chosen) < count:
        rest = [position for position, is_changed in enumerate(changed) if not is_changed]
        spread = np.linspace(0, len(rest) - 1, min(count - len(chosen), len(rest))).round()
        chosen += [rest[int(i)] for i in spread]
    return chosen


def _flat(sample: Arrays, compared: Sequence[str] | None) -> np.ndarray:
    """Outputs of a sample as float64 [values]."""
    arrays = [array for name, array in sample.items() if compared is None or name in compared]
    return np.concatenate([array.astype(np.float64).ravel() for array in arrays])


def read_references(folder: Path) -> list[Any]:
    """The right answers that were stored beside the evaluation inputs."""
    return msgspec.json.decode((folder / "references.json").read_bytes(), type=list[Any])
