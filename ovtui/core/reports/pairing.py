"""Variants of several runs compared pair by pair, where they saw the same samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from ovtui.core.reports.numbers import change, change_interval, metric
from ovtui.core.results.compare import (
    PairedComparison,
    Resampled,
    compare_outcomes,
    compare_resampled,
)
from ovtui.core.results.outcomes import Outcomes
from ovtui.core.statistics.reductions import REDUCTIONS
from ovtui.core.text.cells import wrap
from ovtui.core.text.foreign import plain


class Judged(NamedTuple):
    """A run with its outcomes."""

    run: str
    outcomes: Outcomes


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A variant against the first run's first variant, on the same samples."""

    run: str
    variant: str
    against_run: str
    against: str
    metric: str
    count: int
    delta: float
    delta_ci95: tuple[float, float]
    worse: int | None
    better: int | None
    p_value: float
    test: str


def pairs(judged: Sequence[Judged]) -> list[Pair]:
    """Returns every variant that saw the samples of the first run's first variant, against that
    one.

    Args:
        judged: runs with outcomes, in the order to show.
    """
    if not judged:
        return []
    first = judged[0]
    against = next(iter(first.outcomes.variants))
    return [
        _pair(first, against, other, variant)
        for other in judged
        if _arity(first.outcomes) and _same_samples(first.outcomes, other.outcomes)
        for variant in other.outcomes.variants
        if (other.run, variant) != (first.run, against)
        and (variant in other.outcomes.resampled) == (against in first.outcomes.resampled)
    ]


def to_text(compared: Sequence[Pair], width: int) -> str:
    """Returns a line or two for each pair, in `width` cells."""
    lines = []
    for pair in compared:
        text = (
            f"{pair.run} {pair.variant}: {pair.metric} {change(pair.delta)} "
            f"({change_interval(pair.delta_ci95)}), {_flips(pair)}"
            f"p = {metric(pair.p_value)} ({pair.test}, {pair.count} samples)"
        )
        head, *rest = wrap(plain(text), width - 2)
        lines += [head, *(f"  {line}" for line in rest)]
    return "\n".join(lines)


def _flips(pair: Pair) -> str:
    if pair.worse is None or pair.better is None:
        return ""
    return f"{pair.worse} to worse, {pair.better} to better, "


def _same_samples(one: Outcomes, other: Outcomes) -> bool:
    """Whether two runs judged the same samples alike; a reduction may have had another name."""
    return (one.metric, _arity(one), one.dataset, one.split, one.samples) == (
        other.metric,
        _arity(other),
        other.dataset,
        other.split,
        other.samples,
    )


def _arity(outcomes: Outcomes) -> int | None:
    """Numbers per outcome; None of a reduction that this version does not know."""
    form = REDUCTIONS.get(outcomes.reduction)
    return form.arity if form else None


def _compared(first: Outcomes, against: str, other: Outcomes, variant: str) -> PairedComparison:
    """A variant against another, of the same or of another run."""
    higher, reduction = first.higher_is_better, first.reduction
    before, after = first.variants[against], other.variants[variant]
    if first.resampled:
        one, two = first.resampled[against], other.resampled[variant]
        return compare_resampled(
            reduction,
            Resampled(one[0], one[1:], before),
            Resampled(two[0], two[1:], after),
            higher_is_better=higher,
            max_drop=None,
        )
    return compare_outcomes(reduction, before, after, higher_is_better=higher, max_drop=None)


def _pair(first: Judged, against: str, other: Judged, variant: str) -> Pair:
    compared = _compared(first.outcomes, against, other.outcomes, variant)
    return Pair(
        run=other.run,
        variant=variant,
        against_run=first.run,
        against=against,
        metric=first.outcomes.metric,
        count=len(first.outcomes.samples),
        delta=compared.delta,
        delta_ci95=compared.delta_ci95,
        worse=compared.worse,
        better=compared.better,
        p_value=compared.p_value,
        test=compared.test,
    )
