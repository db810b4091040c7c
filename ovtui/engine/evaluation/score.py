"""Metric, outcomes and nearness to the baseline, from the outputs that variants left on disk."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

import numpy as np

from ovtui.core.results.compare import Resampled, interval, interval_resampled
from ovtui.core.results.variant import Accuracy
from ovtui.core.statistics.intervals import Interval
from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import Arrays, Groups
from ovtui.engine.evaluation.judge import Judge
from ovtui.engine.tasks import Task

_DIGITS = 9
"""Of resampled values: a thousandth of a change that a verdict could rest on, in half the bytes."""


class Answers(NamedTuple):
    """What a variant says about every sample."""

    predictions: list[Any]
    none: Collection[int]
    """Positions of samples that are answered with NaN or infinity: with nothing."""


def answers(
    task: Task, outputs: Groups, row: Callable[[int], Row], none: Collection[int] = ()
) -> Answers:
    """Returns predictions from stored outputs, read one sample at a time.

    Where outputs are no numbers, zeros are in their place, and a class is none of the classes: such
    an answer counts as wrong.

    Args:
        task: reads outputs.
        outputs: groups of arrays, one a sample.
        row: the row of a sample, by its position.
        none: positions of samples that are answered with NaN or infinity.
    """
    predictions = []
    for position, calls in enumerate(outputs):
        numbers = position not in none
        given = task.prediction([_arrays(call, numbers=numbers) for call in calls])
        given = task.within(row(position), given)
        predictions.append(given if numbers else task.nothing(given))
    return Answers(predictions, none)


def _arrays(call: Arrays, *, numbers: bool) -> list[np.ndarray]:
    """A call's outputs, with zeros for what is no number."""
    if numbers:
        return list(call.values())
    return [np.nan_to_num(array, posinf=0.0, neginf=0.0) for array in call.values()]


class Scored(NamedTuple):
    """What a metric says of a variant."""

    accuracy: Accuracy
    outcomes: list[list[float]]
    """One a sample."""
    resampled: list[float]
    """The metric of resamples, where no sum over samples gives it."""


def score(judge: Judge, given: Answers, *, same_outputs: bool) -> Scored:
    """Returns the metric with its 95 % interval, and each sample's outcome.

    Args:
        judge: the metric.
        given: the answers of the variant.
        same_outputs: the variant's outputs are the baseline's: nearness to them cannot vary, and
            has no interval.
    """
    metric, judgement = judge.metric, judge.judge(given.predictions)
    certain = same_outputs and not metric.needs_references
    value, outcomes, joint = judgement.value, judgement.outcomes, judgement.joint
    resampled = [round(it, _DIGITS) for it in joint.resample()] if joint else []
    if certain:
        ci95 = Interval(value, value)
    elif joint:
        ci95 = interval_resampled(Resampled(value, resampled, outcomes))
    else:
        ci95 = interval(metric.reduction, outcomes)
    accuracy = Accuracy(
        metric=metric.name,
        higher_is_better=metric.higher_is_better,
        value=value,
        ci95=ci95,
        count=len(outcomes),
        parts=joint.parts if joint else {},
        classes=judge.by_name(joint.classes) if joint else {},
        undefined=judgement.undefined,
    )
    return Scored(accuracy, [list(outcome) for outcome in outcomes], resampled)


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


def choose_samples(changes: Sequence[float], count: int) -> list[int]:
    """Returns positions of the samples to show: those that changed most first, then evenly spread.

    Args:
        changes: how much of each sample's prediction a variant changed; 0 where it is the same.
        count: of samples to show, at most.
    """
    changed = [position for position, change in enumerate(changes) if change]
    chosen = sorted(changed, key=lambda position: -changes[position])[:count]
    if len(chosen) < count:
        rest = [position for position, change in enumerate(changes) if not change]
        spread = np.linspace(0, len(rest) - 1, min(count - len(chosen), len(rest))).round()
        chosen += [rest[int(i)] for i in spread]
    return chosen
