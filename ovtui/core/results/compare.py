"""Paired comparison of a variant with its baseline on a metric."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ovtui.core.results.result import Verdict
from ovtui.core.statistics import intervals
from ovtui.core.statistics.intervals import Interval
from ovtui.core.statistics.reductions import (
    Outcome,
    Reduction,
    Row,
    check_outcomes,
    total,
    why_undefined,
)

MOST_SAMPLES = 10_000_000
"""Where more samples would be needed, no number that anyone can gather settles a verdict."""

_ROUNDING = 1e-12
"""Differences below this, relative to the range of a metric, are rounding."""


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
    no_verdict: str = ""
    """Why there is no verdict although there is a `max_drop`."""


def reduce_outcomes(reduction: str, outcomes: Sequence[Outcome]) -> float:
    """Returns the value of a metric from the outcomes of its samples.

    A metric that is not defined for what it is given has the value of one that knows nothing: F1
    without positives and a correlation with a constant are 0; errors without any word count as
    errors over one word.

    Args:
        reduction: `mean`, `cosine` or `error` of (score,); `f1` of (true positives, false
            positives, false negatives); `rate` of (errors, words); `chrf` of (matches, n-grams of
            the text, n-grams of the reference) for each length; `pearson` or `spearman` of (x, y);
            `perplexity`, `per-token` or `token-share` of (a sum over tokens, tokens).
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
    """Returns the 95 % confidence interval of a metric.

    Shares of right answers have Wilson's score interval (Wilson 1927). All else has a bootstrap
    interval from 2000 resamples (Efron 1979) with percentiles that allow for few samples
    (Hesterberg 2015), the same at every call. More than 500 samples are resampled in blocks of
    equal size, since every metric here is a function of sums; 10 000 samples take well under a
    second. Where all resamples agree, as with one sample or with all alike, they say nothing of
    the unseen, and the interval allows for the share of samples that could differ from all these
    (Clopper & Pearson 1934), each by the range of the metric. No interval is wider than that range.

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
    bounds = _bootstrap_interval(values, len(outcomes), _range(form, outcomes))
    return Interval(max(form.lowest, bounds.low), min(form.highest, bounds.high))


def compare_outcomes(
    reduction: str,
    baseline: Sequence[Outcome],
    variant: Sequence[Outcome],
    *,
    higher_is_better: bool,
    max_drop: float | None,
    same_outputs: bool = False,
) -> PairedComparison:
    """Compares a variant with the baseline on the same samples.

    Right/wrong outcomes: exact McNemar test (McNemar 1947), and the interval of Newcombe (1998),
    method 10. All else: paired bootstrap (Efron & Tibshirani 1993, chapter 16) as in `interval`;
    its p-value counts the observed value among the resamples, thus is never 0 (Davison & Hinkley
    1997, section 4.2), and is never below 2^(1 - k), the least that k changed pairs can show.

    Where nothing changed, three cases are told apart. Outputs that are the baseline's bit for bit
    are one function as far as anyone can see: the difference is 0, has no interval, and passes.
    Equal outcomes of a metric that any change of the outputs moves, such as a cosine, differ by no
    more than the largest change of an outcome. Equal outcomes of one that most changes do not
    move, such as right or wrong, prove as much as their number does: of the unseen samples, a share
    of up to 1 - 0.025^(1/n) could differ (Clopper & Pearson 1934), which may be too many.

    Args:
        reduction: as for `reduce_outcomes`.
        baseline: the baseline's outcomes.
        variant: the variant's outcomes of the same samples, in the same order.
        higher_is_better: the direction of the metric.
        max_drop: how much worse the variant may be, in the units of the metric; None: no verdict.
        same_outputs: the variant's raw outputs are the baseline's, bit for bit, on every sample.

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
    no_verdict = why_undefined(reduction, baseline) if max_drop is not None else ""
    if no_verdict:
        max_drop = None
    if same_outputs:
        return _unchanged(form, max_drop, no_verdict)
    delta = _evaluate(form, variant) - _evaluate(form, baseline)
    if _is_share(reduction, baseline) and _is_share(reduction, variant):
        delta_ci95, p_value, test = *_compare_shares(baseline, variant), "McNemar (exact)"
    else:
        delta_ci95, p_value = _compare_resampled(form, baseline, variant)
        test = "paired bootstrap"
    worse, better = _flips(form, baseline, variant, higher_is_better)
    verdict, needed = judge(
        delta, delta_ci95, len(baseline), higher_is_better=higher_is_better, max_drop=max_drop
    )
    return PairedComparison(
        delta, delta_ci95, worse, better, p_value, test, verdict, needed, no_verdict
    )


def _unchanged(form: Reduction, max_drop: float | None, no_verdict: str) -> PairedComparison:
    """The comparison of two models that answer every sample with the same bits."""
    flips = None if form.score is None else 0
    verdict: Verdict | None = None if max_drop is None else "pass"
    return PairedComparison(
        0.0, Interval(0.0, 0.0), flips, flips, 1.0, "same outputs", verdict, None, no_verdict
    )


class Resampled(NamedTuple):
    """A metric that no sum over samples gives, such as average precision."""

    value: float
    values: Sequence[float]
    """Of resamples of the samples: the same resamples for all variants, so that these pair."""
    outcomes: Sequence[Outcome]
    """Of each sample, which tell what got worse and better."""


def interval_resampled(metric: Resampled) -> Interval:
    """Returns the 95 % confidence interval of a metric between 0 and 1, as `interval` does."""
    bounds = _bootstrap_interval(sorted(metric.values), len(metric.outcomes), 1.0)
    return Interval(max(0.0, bounds.low), min(1.0, bounds.high))


def compare_resampled(
    reduction: str,
    baseline: Resampled,
    variant: Resampled,
    *,
    higher_is_better: bool,
    max_drop: float | None,
    same_outputs: bool = False,
) -> PairedComparison:
    """Compares a variant with the baseline on the same resamples of the same samples.

    A paired bootstrap (Efron & Tibshirani 1993, chapter 16) of a metric between 0 and 1, judged as
    `compare_outcomes` judges it.

    Args:
        reduction: of the outcomes, not of the metric.
        baseline: the baseline's values.
        variant: the variant's, of the same resamples in the same order.
        higher_is_better: the direction of the metric.
        max_drop: how much worse the variant may be, in the units of the metric; None: no verdict.
        same_outputs: the variant's raw outputs are the baseline's, bit for bit, on every sample.

    Raises:
        ValueError: the sides have unequally many samples or resamples, or an outcome is wrong.
    """
    form = check_outcomes(reduction, baseline.outcomes)
    check_outcomes(reduction, variant.outcomes)
    counts = [(len(side.outcomes), len(side.values)) for side in (baseline, variant)]
    if counts[0] != counts[1]:
        raise ValueError(f"{reduction}: (samples, resamples) are {counts[0]} and {counts[1]}")
    no_verdict = why_undefined(reduction, baseline.outcomes) if max_drop is not None else ""
    if no_verdict:
        max_drop = None
    if same_outputs:
        return _unchanged(form, max_drop, no_verdict)
    pairs = zip(baseline.values, variant.values, strict=True)
    deltas = sorted(after - before for before, after in pairs)
    count, delta = len(baseline.outcomes), variant.value - baseline.value
    bounds = _bootstrap_interval(deltas, count, 1.0)
    delta_ci95 = Interval(max(-1.0, bounds.low), min(1.0, bounds.high))
    verdict, needed = judge(
        delta, delta_ci95, count, higher_is_better=higher_is_better, max_drop=max_drop
    )
    worse, better = _flips(form, baseline.outcomes, variant.outcomes, higher_is_better)
    p_value, test = _two_sided(deltas, count), "paired bootstrap"
    return PairedComparison(
        delta, delta_ci95, worse, better, p_value, test, verdict, needed, no_verdict
    )


def judge(
    delta: float,
    delta_ci95: Interval,
    count: int,
    *,
    higher_is_better: bool,
    max_drop: float | None,
) -> tuple[Verdict | None, int | None]:
    """Returns the verdict on a drop, and how many samples would settle it where these do not.

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


def _evaluate(form: Reduction, outcomes: Sequence[Outcome]) -> float:
    return form.value(len(outcomes), total(form.rows(outcomes)))


def _is_share(reduction: str, outcomes: Sequence[Outcome]) -> bool:
    return reduction == "mean" and all(outcome[0] in (0, 1) for outcome in outcomes)


def _range(form: Reduction, outcomes: Sequence[Outcome]) -> float:
    """By how much one sample could differ: of scores on no known scale, as far as they reach."""
    if math.isfinite(form.highest - form.lowest):
        return form.highest - form.lowest
    if form.arity > 1:
        return 1.0  # a rate: every word of a sample wrong in place of right
    largest = max(abs(float(outcome[0])) for outcome in outcomes)
    return largest if form.moves else max(1.0, largest)


def _largest_change(baseline: Sequence[Outcome], variant: Sequence[Outcome]) -> float:
    """The largest change of an outcome; of pairs that are correlated, over the column's spread."""
    changes: list[float] = []
    for before, after in zip(zip(*baseline, strict=True), zip(*variant, strict=True), strict=True):
        spread = max(before) - min(before) if len(baseline[0]) > 1 else 1.0
        changes.append(max(abs(v - b) for b, v in zip(before, after, strict=True)) / (spread or 1))
    return max(changes)


def _bootstrap_interval(values: Sequence[float], count: int, range_: float) -> Interval:
    bounds = intervals.percentile_interval(values, count)
    if bounds.high - bounds.low > _ROUNDING * range_:
        return bounds
    margin = range_ * intervals.unseen_share(count)
    return Interval(bounds.low - margin, bounds.high + margin)


def _compare_shares(
    baseline: Sequence[Outcome], variant: Sequence[Outcome]
) -> tuple[Interval, float]:
    pairs = [(bool(b[0]), bool(v[0])) for b, v in zip(baseline, variant, strict=True)]
    worse, better = pairs.count((True, False)), pairs.count((False, True))
    both, neither = pairs.count((True, True)), pairs.count((False, False))
    delta_ci95 = intervals.newcombe_paired(both, worse, better, neither)
    return delta_ci95, intervals.mcnemar(worse, better)


def _compare_resampled(
    form: Reduction, baseline: Sequence[Outcome], variant: Sequence[Outcome]
) -> tuple[Interval, float]:
    deltas = intervals.bootstrap(
        [b + v for b, v in zip(form.rows(baseline), form.rows(variant), strict=True)],
        _difference(form.value),
    )
    changed = sum(tuple(b) != tuple(v) for b, v in zip(baseline, variant, strict=True))
    p_value = _two_sided(deltas, changed)
    range_ = _range(form, [*baseline, *variant])
    if form.moves and len(baseline) > 1 and max(map(abs, deltas)) < _ROUNDING:
        range_ = _largest_change(baseline, variant)
    bounds = _bootstrap_interval(deltas, len(baseline), range_)
    most = form.highest - form.lowest
    return Interval(max(-most, bounds.low), min(most, bounds.high)), p_value


def _two_sided(deltas: Sequence[float], changed: int) -> float:
    """The p-value of no difference, from resampled ones of which so many samples are changed."""
    down, up = sum(delta <= 0 for delta in deltas), sum(delta >= 0 for delta in deltas)
    return min(1.0, max(2 * (min(down, up) + 1) / (len(deltas) + 1), 2.0 ** (1 - changed)))


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
