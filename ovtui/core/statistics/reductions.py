"""How the outcomes of a metric's samples add up to its value."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import NamedTuple

Outcome = Sequence[float]
"""What one sample contributes to a metric; its length is the reduction's `arity`."""

Row = tuple[float, ...]

CHRF_ORDERS = 6
"""chrF counts n-grams of up to so many characters."""

_LARGEST_LOSS = 700.0
"""Nats a token, whose exponential is a number still."""
_LARGEST_Z = 20.0
"""Fisher's z of a perfect correlation: `tanh` gives exactly 1 here, and infinity does not add."""


class Reduction(NamedTuple):
    """A metric as a function of sums over samples, which is what makes it quick to resample."""

    arity: int
    """Numbers per outcome."""
    rows: Callable[[Sequence[Outcome]], list[Row]]
    """One row per sample; rows add up."""
    value: Callable[[int, Row], float]
    """The metric of so many samples from the sum of their rows."""
    score: Callable[[Outcome], float] | None = None
    """One sample's own score, in the direction of the metric; None where a sample has none."""
    counts: bool = False
    """Outcomes are counts, thus never negative."""
    lowest: float = -math.inf
    """The metric is never below."""
    highest: float = math.inf
    """The metric is never above."""
    moves: bool = False
    """Any change of a model's outputs moves the outcomes, so that equal ones are no accident."""


def reduction_named(name: str) -> Reduction:
    """Looks up a reduction.

    Raises:
        ValueError: there is none of that name.
    """
    if name not in REDUCTIONS:
        raise ValueError(f"unknown reduction {name!r}; known are {', '.join(REDUCTIONS)}")
    return REDUCTIONS[name]


def check_outcomes(name: str, outcomes: Sequence[Outcome]) -> Reduction:
    """Looks up a reduction, and checks that every outcome is one that it can add up.

    Raises:
        ValueError: unknown reduction, no outcomes, or an outcome of the wrong length, not a
            finite number, or a negative count.
    """
    reduction = reduction_named(name)
    if not outcomes:
        raise ValueError(f"{name}: no outcomes")
    for index, outcome in enumerate(outcomes):
        if len(outcome) != reduction.arity:
            wanted = f"{reduction.arity} number{'s' if reduction.arity > 1 else ''}"
            raise ValueError(f"{name}: sample {index} has {len(outcome)} numbers, not {wanted}")
        if not all(map(math.isfinite, outcome)):
            raise ValueError(f"{name}: sample {index} is not a finite number")
        if reduction.counts and min(outcome) < 0:
            raise ValueError(f"{name}: sample {index} has a negative count")
    return reduction


def why_undefined(name: str, outcomes: Sequence[Outcome]) -> str:
    """Returns why a metric has no value for these outcomes; empty where it has one.

    Where it has none, `value` takes the one of a model that knows nothing, which no verdict can
    rest on: a correlation with a constant, F1 of nothing expected and nothing found, errors over
    no words.

    Args:
        name: of the reduction.
        outcomes: one per sample.
    """
    if name in ("pearson", "spearman"):
        if any(not any(_standardised(column)) for column in zip(*outcomes, strict=True)):
            return "one side of the correlation is the same for all samples"
    elif name == "f1" and not any(map(any, outcomes)):
        return "class 1 is neither expected nor found in any sample"
    elif name == "recall" and not any(map(any, outcomes)):
        return "no picture has an object to be found"
    elif name == "pixels" and not any(map(any, outcomes)):
        return "no pixel has a right answer: all are ignored"
    elif name == "rate" and not any(words for _, words in outcomes):
        return "the right answers have no words"
    return ""


def total(rows: Sequence[Row]) -> Row:
    """Returns the sum of rows, column by column."""
    return tuple(map(sum, zip(*rows, strict=True)))


def _as_they_are(outcomes: Sequence[Outcome]) -> list[Row]:
    return [tuple(outcome) for outcome in outcomes]


def _mean(count: int, sums: Row) -> float:
    return sums[0] / count


def _f1(count: int, sums: Row) -> float:
    """Dice's coefficient; 0 where nothing was expected and nothing found, as in scikit-learn."""
    true_positives, false_positives, false_negatives = sums
    denominator = 2 * true_positives + false_positives + false_negatives
    return 2 * true_positives / denominator if denominator else 0.0


def _recall(count: int, sums: Row) -> float:
    """Share of the objects that are found, or of the pixels that are right."""
    hits, misses = sums
    return hits / (hits + misses) if hits + misses else 0.0


def _rate(count: int, sums: Row) -> float:
    """Errors over words; errors without any word count as errors over one word."""
    errors, words = sums
    return errors / (words or 1.0)


def _per_token(count: int, sums: Row) -> float:
    """A sum over tokens by their number; 0 of none."""
    return sums[0] / (sums[1] or 1.0)


def _perplexity(count: int, sums: Row) -> float:
    """Exponential of the mean of minus the logarithms of the tokens' probabilities."""
    return math.exp(min(_per_token(count, sums), _LARGEST_LOSS))


def _chrf(count: int, sums: Row) -> float:
    """chrF2 (Popović 2015): F of precision and recall, each the mean over lengths of n-grams.

    Recall counts twice; a length that either side has no n-grams of is left out, as in sacreBLEU.
    """
    orders = [sums[start : start + 3] for start in range(0, len(sums), 3)]
    shares = [(match / got, match / want) for match, got, want in orders if got and want]
    if not shares:
        return 0.0
    precision, recall = (math.fsum(side) / len(shares) for side in zip(*shares, strict=True))
    weight = 4.0
    below = weight * precision + recall
    return (1 + weight) * precision * recall / below if below else 0.0


def _standardised(values: Sequence[float]) -> list[float]:
    """Centred and scaled to at most 1, so that squares neither cancel nor overflow."""
    largest = max(map(abs, values)) or 1.0
    scaled = [value / largest for value in values]
    mean = math.fsum(scaled) / len(scaled)
    centred = [value - mean for value in scaled]
    spread = max(map(abs, centred))
    return [value / spread for value in centred] if spread > 1e-14 else [0.0] * len(centred)


def _moments(outcomes: Sequence[Outcome]) -> list[Row]:
    left, right = (_standardised(column) for column in zip(*outcomes, strict=True))
    return [(x, y, x * x, y * y, x * y) for x, y in zip(left, right, strict=True)]


def _pearson(count: int, sums: Row) -> float:
    """Pearson's r from sums of moments; 0 where either side is constant."""
    x, y, xx, yy, xy = sums
    variances = (xx - x * x / count) * (yy - y * y / count)
    if variances <= 1e-24 * xx * yy or variances <= 0:
        return 0.0
    return max(-1.0, min(1.0, (xy - x * y / count) / math.sqrt(variances)))


class _Midranks(NamedTuple):
    ranks: list[float]
    """Mid-distribution function at each sample: (midrank - 0.5) / n."""
    below: list[int]
    """How many samples are smaller than each."""
    up_to: list[int]
    """How many samples are smaller than or equal to each."""
    order: list[int]


def _midranks(values: Sequence[float]) -> _Midranks:
    count = len(values)
    order = sorted(range(count), key=values.__getitem__)
    below, up_to = [0] * count, [0] * count
    start = 0
    while start < count:
        end = start
        while end < count and values[order[end]] == values[order[start]]:
            end += 1
        for index in order[start:end]:
            below[index], up_to[index] = start, end
        start = end
    ranks = [(low + high) / (2 * count) for low, high in zip(below, up_to, strict=True)]
    return _Midranks(ranks, below, up_to, order)


def _mean_above(side: _Midranks, weights: Sequence[float]) -> list[float]:
    """For each sample, the sum of the weights of larger samples (ties half) over n."""
    running = [0.0, *accumulate(weights[index] for index in side.order)]
    return [
        (running[-1] - (running[low] + running[high]) / 2) / len(weights)
        for low, high in zip(side.below, side.up_to, strict=True)
    ]


def _spearman_rows(outcomes: Sequence[Outcome]) -> list[Row]:
    """Pseudo-values of Fisher's z of Spearman's rho; their mean is z itself.

    Ranks belong to the whole sample, so rho is no function of sums. Its infinitesimal jackknife is
    (Jaeckel 1972; Efron 1982, chapter 6), and includes that ranks are themselves estimated. On
    the scale of z, where the distribution is close to normal, the pseudo-values can be resampled.
    """
    left, right = (_midranks(column) for column in zip(*outcomes, strict=True))
    covariances = _influences(left, right)
    variances_left, variances_right = _influences(left, left), _influences(right, right)
    covariance, variance_left, variance_right = (
        _covariance(left, right),
        _covariance(left, left),
        _covariance(right, right),
    )
    if min(variance_left, variance_right) <= 0:
        return [(0.0,)] * len(outcomes)
    scale = math.sqrt(variance_left * variance_right)
    rho = covariance / scale
    if 1 - abs(rho) < 1e-12:
        return [(math.copysign(_LARGEST_Z, rho),)] * len(outcomes)
    z, slope = math.atanh(rho), 1 / (1 - rho * rho)
    return [
        (z + slope * (c / scale - rho / 2 * (vl / variance_left + vr / variance_right)),)
        for c, vl, vr in zip(covariances, variances_left, variances_right, strict=True)
    ]


def _covariance(left: _Midranks, right: _Midranks) -> float:
    products = math.fsum(x * y for x, y in zip(left.ranks, right.ranks, strict=True))
    return products / len(left.ranks) - 0.25


def _influences(left: _Midranks, right: _Midranks) -> list[float]:
    """Influence of each sample on the covariance of the two sides' ranks; they sum to zero."""
    mean = _covariance(left, right) + 0.25
    above_left = _mean_above(left, right.ranks)
    above_right = _mean_above(right, left.ranks)
    return [
        x * y + al + ar - 3 * mean
        for x, y, al, ar in zip(left.ranks, right.ranks, above_left, above_right, strict=True)
    ]


def _spearman(count: int, sums: Row) -> float:
    return math.tanh(sums[0] / count)


def _is_right(outcome: Outcome) -> float:
    return float(outcome[1] + outcome[2] == 0)


def _own_recall(outcome: Outcome) -> float:
    return _recall(1, tuple(outcome))


def _own_chrf(outcome: Outcome) -> float:
    return _chrf(1, tuple(outcome))


def _own_per_token(outcome: Outcome) -> float:
    return _per_token(1, tuple(outcome))


def _first(outcome: Outcome) -> float:
    return outcome[0]


REDUCTIONS: dict[str, Reduction] = {
    "mean": Reduction(1, _as_they_are, _mean, score=_first),
    "cosine": Reduction(1, _as_they_are, _mean, score=_first, lowest=-1, highest=1, moves=True),
    "error": Reduction(1, _as_they_are, _mean, score=_first, lowest=0, moves=True),
    "f1": Reduction(3, _as_they_are, _f1, score=_is_right, counts=True, lowest=0, highest=1),
    "rate": Reduction(2, _as_they_are, _rate, score=_first, counts=True, lowest=0),
    "recall": Reduction(
        2, _as_they_are, _recall, score=_own_recall, counts=True, lowest=0, highest=1
    ),
    "per-token": Reduction(
        2, _as_they_are, _per_token, score=_own_per_token, counts=True, lowest=0
    ),
    "token-share": Reduction(
        2, _as_they_are, _per_token, score=_own_per_token, counts=True, lowest=0, highest=1
    ),
    "perplexity": Reduction(
        2, _as_they_are, _perplexity, score=_own_per_token, counts=True, lowest=1
    ),
    "pixels": Reduction(
        2, _as_they_are, _recall, score=_own_recall, counts=True, lowest=0, highest=1
    ),
    "chrf": Reduction(
        3 * CHRF_ORDERS, _as_they_are, _chrf, score=_own_chrf, counts=True, lowest=0, highest=1
    ),
    "pearson": Reduction(2, _moments, _pearson, lowest=-1, highest=1, moves=True),
    "spearman": Reduction(2, _spearman_rows, _spearman, lowest=-1, highest=1, moves=True),
}
