"""Metric, outcomes and nearness to the baseline, from the outputs that variants left on disk."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np

from ovtui.core.results.compare import interval
from ovtui.core.results.variant import Accuracy
from ovtui.engine.data.spool import Arrays, Groups
from ovtui.engine.evaluation.judge import Judge
from ovtui.engine.tasks import Task


class Answers(NamedTuple):
    """What a variant says about every sample."""

    predictions: list[Any]
    none: Collection[int]
    """Positions of samples that are answered with NaN or infinity: with nothing."""


def answers(task: Task, outputs: Groups, none: Collection[int] = ()) -> Answers:
    """Returns predictions from stored outputs, read one sample at a time.

    Where outputs are no numbers, zeros are in their place, and a class is none of the classes: such
    an answer counts as wrong.

    Args:
        task: reads outputs.
        outputs: groups of arrays, one a sample.
        none: positions of samples that are answered with NaN or infinity.
    """
    predictions = []
    for position, calls in enumerate(outputs):
        numbers = position not in none
        given = task.prediction([_arrays(call, numbers=numbers) for call in calls])
        predictions.append(given if numbers else task.nothing(given))
    return Answers(predictions, none)


def _arrays(call: Arrays, *, numbers: bool) -> list[np.ndarray]:
    """A call's outputs, with zeros for what is no number."""
    if numbers:
        return list(call.values())
    return [np.nan_to_num(array, posinf=0.0, neginf=0.0) for array in call.values()]


def score(
    judge: Judge, given: Answers, *, same_outputs: bool
) -> tuple[Accuracy, list[list[float]]]:
    """Returns the metric with its 95 % interval, and each sample's outcome.

    Args:
        judge: the metric.
        given: the answers of the variant.
        same_outputs: the variant's outputs are the baseline's: nearness to them cannot vary, and
            has no interval.
    """
    metric, judgement = judge.metric, judge.judge(given.predictions)
    certain = same_outputs and not metric.needs_references
    accuracy = Accuracy(
        metric=metric.name,
        higher_is_better=metric.higher_is_better,
        value=judgement.value,
        ci95=(judgement.value, judgement.value)
        if certain
        else interval(metric.reduction, judgement.outcomes),
        count=len(judgement.outcomes),
        undefined=judgement.undefined,
    )
    return accuracy, [list(outcome) for outcome in judgement.outcomes]


def identical(baseline: Groups, variant: Groups) -> bool:
    """Returns whether all raw outputs of a variant are the baseline's, number by number.

    Args:
        baseline: its outputs by name, for each sample's calls.
        variant: those of the same samples, in the same order.
    """
    return all(
        one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)
        for ones, others in zip(baseline, variant, strict=True)
        for one, other in zip(ones, others, strict=True)
    )


def choose_samples(changed: Sequence[bool], count: int) -> list[int]:
    """Returns positions of the samples to show: changed ones first, then evenly spread.

    Args:
        changed: for each sample, whether a variant's answer is another than the baseline's.
        count: of samples to show, at most.
    """
    chosen = [position for position, is_changed in enumerate(changed) if is_changed][:count]
    if len(chosen) < count:
        rest = [position for position, is_changed in enumerate(changed) if not is_changed]
        spread = np.linspace(0, len(rest) - 1, min(count - len(chosen), len(rest))).round()
        chosen += [rest[int(i)] for i in spread]
    return chosen
