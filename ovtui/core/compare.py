"""Paired comparison of a variant with its baseline: accuracy, speed, and the Pareto front."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from ovtui.core import intervals
from ovtui.core.intervals import Interval
from ovtui.core.reductions import Outcome, Reduction, Row, check_outcomes, total
from ovtui.core.result import Verdict

MOST_SAMPLES = 10_000_000
"""Where more samples would be needed, no number that anyone can gather settles a verdict."""


class PairedComparison(NamedTuple):
    """A variant against the baseline on the same samples, in the units of the metric."""

    delta: float
    """Variant minus baseline."""
    delta_ci95: Interval
    worse: int | None
    """Samples whose own score got worse; None for metrics whose samples have none."""
    better: int | None
    p_value: float
    """Two-sided, of no difference."""
    test: str
    """The paired test that `p_value` comes from."""
    verdict: Verdict | None
    """None without a `max_drop` to judge against."""
    samples_needed: int | None
    """For `not enough samples`: how many would settle it; None where no number would."""


class Ratio(NamedTuple):
    """Baseline over variant."""

    value: float
    interval: Interval | None
    """None where there is only one block."""


class Point(NamedTuple):
    """A variant as a trade: what it costs (lower is better) for what value (higher is better)."""

    name: str
    cost: float
    value: float


def reduce_outcomes(reduction: str, outcomes: Sequence[Outcome]) -> float:
    """The value of a metric from the outcomes of its samples.

    A metric that is not defined for what it is given has the value of one that knows nothing: F1
    without positives and a correlation with a constant are 0; errors without any word count as
    errors over one word.

    Args:
        reduction: `mean` of (score,); `f1` of (true positives, false positives, false negatives);
            `rate` of (errors, words); `chrf` of (matches, n-grams of the text, n-grams of the
            reference) for each length; `pearson` or `spearman` of (x, y).
        outcomes: one per sample.

    Returns:
        The metric: 2TP / (2TP + FP + FN) for F1 (van Rijsbergen 1979), errors / words for a rate,
        the product-moment correlation (Pearson 1895), or that of midranks (Spearman 1904).

    Raises:
        ValueError: unknown reduction, no outcomes, or an outcome of the wrong length, not finite,
            or a negative count.
    """
    form = check_outcomes(reduction, outcomes)
    return _evaluate(form, outcomes)


def interval(reduction: str, outcomes: Sequence[Outcome]) -> Interval:
    """The 95 % confidence interval of a metric.

    Shares of right answers have Wilson's score interval (Wilson 1927). All else has a bootstrap
    interval from 2000 resamples (Efron 1979) with percentiles that allow for few samples
    (Hesterberg 2015), the same at every call. More than 500 samples are resampled in blocks of
    equal size, since every metric here is a function of sums; 10 000 samples take well under a
    second. Where all resamples agree, as with one sample or with all alike, they say nothing of
    the unseen, and the interval allows for the share of samples that could differ from all these
    (Clopper & Pearson 1934), each by 1, the range of the metrics.

    Args:
        reduction: as for `reduce_outcomes`.
        outcomes: one per sample.

    Raises:
        ValueError: as for `reduce_outcomes`.
    """
    form = check_outcomes(reduction, outcomes)
    if _is_share(reduction, outcomes):
        return intervals.wilson(math.fsum(outcome[0] for outcome in outcomes), len(outcomes))
    values = intervals.bootstrap(form.rows(outcomes), form.value)
    found = _bootstrap_interval(values, len(outcomes), _range(reduction, outcomes))
    return Interval(max(form.lowest, found.low), min(form.highest, found.high))


def compare_outcomes(
    reduction: str,
    baseline: Sequence[Outcome],
    variant: Sequence[Outcome],
    *,
    higher_is_better: bool,
    max_drop: float | None,
) -> PairedComparison:
    """Compare a variant with the baseline on the same samples.

    Right/wrong outcomes: exact McNemar test (McNemar 1947), and the interval of Newcombe (1998),
    method 10. All else: paired bootstrap (Efron & Tibshirani 1993, chapter 16) as in `interval`;
    its p-value counts the observed value among the resamples, thus is never 0 (Davison & Hinkley
    1997, section 4.2), and is never below 2^(1 - k), the least that k changed pairs can show.

    Args:
        reduction: as for `reduce_outcomes`.
        baseline: the baseline's outcomes.
        variant: the variant's outcomes of the same samples, in the same order.
        higher_is_better: the direction of the metric.
        max_drop: how much worse the variant may be, in the units of the metric; None: no verdict.

    Raises:
        ValueError: as for `reduce_outcomes`, for sides of unequal length, or for a `max_drop` that
            is negative or not finite.
    """
    form = check_outcomes(reduction, baseline)
    check_outcomes(reduction, variant)
    if len(baseline) != len(variant):
        raise ValueError(
            f"{reduction}: {len(baseline)} outcomes of the baseline but {len(variant)} of the"
            " variant; a paired comparison needs the same samples"
        )
    if max_drop is not None and not 0 <= max_drop < math.inf:
        raise ValueError(f"max_drop is {max_drop}; it must be a positive number")
    delta = _evaluate(form, variant) - _evaluate(form, baseline)
    if _is_share(reduction, baseline) and _is_share(reduction, variant):
        delta_ci95, p_value, test = *_compare_shares(baseline, variant), "McNemar (exact)"
    else:
        delta_ci95, p_value = _compare_resampled(reduction, form, baseline, variant)
        test = "paired bootstrap"
    worse, better = _flips(form, baseline, variant, higher_is_better)
    verdict, needed = judge(
        delta, delta_ci95, len(baseline), higher_is_better=higher_is_better, max_drop=max_drop
    )
    return PairedComparison(
        delta, delta_ci95, worse, better, p_value, test, verdict, samples_needed=needed
    )


def judge(
    delta: float,
    delta_ci95: Interval,
    count: int,
    *,
    higher_is_better: bool,
    max_drop: float | None,
) -> tuple[Verdict | None, int | None]:
    """The verdict on a drop, and how many samples would settle it where these do not.

    The drop passes when its whole interval is within `max_drop`, and fails when its whole
    interval is beyond (two one-sided tests; Schuirmann 1987). The number of samples takes the
    same effect, and half widths that shrink with its square root.

    Args:
        delta: variant minus baseline.
        delta_ci95: its interval.
        count: samples that it comes from.
        higher_is_better: the direction of the metric.
        max_drop: in the units of the metric; None: no verdict.
    """
    if max_drop is None:
        return None, None
    drop, low, high = (
        (-delta, -delta_ci95.high, -delta_ci95.low) if higher_is_better else (delta, *delta_ci95)
    )
    if high <= max_drop:
        return "pass", None
    if low > max_drop:
        return "fail", None
    gap = abs(max_drop - drop)
    half = high - drop if drop < max_drop else drop - low
    if half >= gap * math.sqrt(MOST_SAMPLES / count):
        return "not enough samples", None
    return "not enough samples", max(count + 1, math.ceil(count * (half / gap) ** 2))


def ratio_interval(baseline_blocks: Sequence[float], variant_blocks: Sequence[float]) -> Ratio:
    """The ratio baseline over variant of interleaved blocks, with its 95 % interval.

    The geometric mean of the blocks' ratios, with Student's t-interval (Student 1908) of their
    logarithms: each block of the variant is paired with the baseline's block beside it, so drift
    of the machine cancels. One block shows no spread; its interval is None.

    Args:
        baseline_blocks: the blocks' medians (or rates) in any unit, in the order measured.
        variant_blocks: the same of the variant. For rates, swap the two to have a speed-up.

    Raises:
        ValueError: no blocks, unequal numbers of them, or a value that is not above zero.
    """
    if len(baseline_blocks) != len(variant_blocks):
        raise ValueError(
            f"{len(baseline_blocks)} blocks of the baseline but {len(variant_blocks)} of the"
            " variant; a paired ratio needs as many of each"
        )
    _check_positive([*baseline_blocks, *variant_blocks])
    ratios = [b / v for b, v in zip(baseline_blocks, variant_blocks, strict=True)]
    value = math.exp(math.fsum(map(math.log, ratios)) / len(ratios))
    return Ratio(value, intervals.log_t_interval(ratios) if len(ratios) > 1 else None)


def median_interval(values: Sequence[float]) -> Interval | None:
    """The 95 % interval of a median, such as `ci95_p50_ms` from the medians of blocks.

    From six values on, two order statistics, which assumes no distribution (Thompson 1936);
    with two to five, which cannot give 95 % so, Student's t-interval of the logarithms. Both always
    hold the median of the values. One value shows no spread: None.

    Args:
        values: in any unit; each above zero.

    Raises:
        ValueError: no values, or one that is not above zero.
    """
    _check_positive(values)
    if len(values) < 2:
        return None
    if len(values) < 6:
        return intervals.log_t_interval(values)
    return intervals.order_statistics_interval(values)


def pareto_front(points: Iterable[Point]) -> list[str]:
    """Names of the points that no other beats on cost or value without losing on the other.

    Args:
        points: name, cost (lower is better), value (higher is better); equal points are all kept.

    Returns:
        Names in order of cost (Pareto 1906).
    """
    front: list[Point] = []
    for point in sorted(points, key=lambda point: (point.cost, -point.value)):
        tied = front and front[-1][1:] == point[1:]
        if tied or not front or point.value > front[-1].value:
            front.append(point)
    return [point.name for point in front]


def _evaluate(form: Reduction, outcomes: Sequence[Outcome]) -> float:
    return form.value(len(outcomes), total(form.rows(outcomes)))


def _is_share(reduction: str, outcomes: Sequence[Outcome]) -> bool:
    return reduction == "mean" and all(outcome[0] in (0, 1) for outcome in outcomes)


def _range(reduction: str, *sides: Sequence[Outcome]) -> float:
    """By how much one sample could differ; scores of a mean may be on a scale beyond 0 to 1."""
    if reduction != "mean":
        return 1.0
    return max(1.0, *(abs(outcome[0]) for side in sides for outcome in side))


def _bootstrap_interval(values: Sequence[float], count: int, range_: float) -> Interval:
    found = intervals.percentile_interval(values, count)
    if found.high - found.low > 1e-12 * range_:
        return found
    margin = range_ * intervals.unseen_share(count)
    return Interval(found.low - margin, found.high + margin)


def _compare_shares(
    baseline: Sequence[Outcome], variant: Sequence[Outcome]
) -> tuple[Interval, float]:
    pairs = [(bool(b[0]), bool(v[0])) for b, v in zip(baseline, variant, strict=True)]
    worse, better = pairs.count((True, False)), pairs.count((False, True))
    both, neither = pairs.count((True, True)), pairs.count((False, False))
    delta_ci95 = intervals.newcombe_paired(both, worse, better, neither)
    return delta_ci95, intervals.mcnemar(worse, better)


def _compare_resampled(
    reduction: str, form: Reduction, baseline: Sequence[Outcome], variant: Sequence[Outcome]
) -> tuple[Interval, float]:
    deltas = intervals.bootstrap(
        [b + v for b, v in zip(form.rows(baseline), form.rows(variant), strict=True)],
        _difference(form.value),
    )
    changed = sum(tuple(b) != tuple(v) for b, v in zip(baseline, variant, strict=True))
    down, up = sum(delta <= 0 for delta in deltas), sum(delta >= 0 for delta in deltas)
    p_value = min(1.0, max(2 * (min(down, up) + 1) / (len(deltas) + 1), 2.0 ** (1 - changed)))
    range_ = _range(reduction, baseline, variant)
    return _bootstrap_interval(deltas, len(baseline), range_), p_value


def _difference(value: Callable[[int, Row], float]) -> Callable[[int, Row], float]:
    def variant_minus_baseline(count: int, sums: Row) -> float:
        middle = len(sums) // 2
        return value(count, sums[middle:]) - value(count, sums[:middle])

    return variant_minus_baseline


def _flips(
    form: Reduction,
    baseline: Sequence[Outcome],
    variant: Sequence[Outcome],
    higher_is_better: bool,
) -> tuple[int | None, int | None]:
    if form.score is None:
        return None, None
    gains = [form.score(v) - form.score(b) for b, v in zip(baseline, variant, strict=True)]
    fell, rose = sum(gain < 0 for gain in gains), sum(gain > 0 for gain in gains)
    return (fell, rose) if higher_is_better else (rose, fell)


def _check_positive(values: Sequence[float]) -> None:
    if not values:
        raise ValueError("no blocks were measured")
    for value in values:
        if not 0 < value < math.inf:
            raise ValueError(f"a block's median is {value}; it must be above zero")
