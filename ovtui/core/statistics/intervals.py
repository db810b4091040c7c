"""Confidence intervals and tests in pure Python, each after a published formula. All are 95 %."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import NamedTuple

from ovtui.core.statistics.reductions import Row, total

_NORMAL = NormalDist()
_Z = _NORMAL.inv_cdf(0.975)
_T = (
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
    2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860,
)  # fmt: skip
"""The 0.975 quantile of Student's t for 1 to 20 degrees of freedom."""

RESAMPLES = 2000
"""Percentiles at 2.5 % then rest on 50 resamples; 10 000 paired samples take half a second."""
BLOCKS = 500
"""More samples than this are resampled in blocks; an interval's width is then good to 5 %."""
_SEED = 20260


class Interval(NamedTuple):
    """A 95 % confidence interval in the units of its estimate."""

    low: float
    high: float


def t_quantile(degrees: int) -> float:
    """Returns the 0.975 quantile of Student's t; beyond the table Abramowitz & Stegun (1964),
    26.7.5.

    Args:
        degrees: degrees of freedom, at least 1.
    """
    if degrees <= len(_T):
        return _T[degrees - 1]
    first = (_Z**3 + _Z) / 4
    second = (5 * _Z**5 + 16 * _Z**3 + 3 * _Z) / 96
    return _Z + first / degrees + second / degrees**2


def wilson(successes: float, count: int) -> Interval:
    """Returns Wilson's score interval of a proportion (Wilson 1927, JASA 22:209-212).

    Args:
        successes: how many of the samples were right.
        count: how many samples there were, at least 1.
    """
    share = successes / count
    centre = (share + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
    half = _Z / (1 + _Z**2 / count) * math.sqrt(share * (1 - share) / count + (_Z / count / 2) ** 2)
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    return Interval(low, 1.0 if successes == count else min(1.0, centre + half))


def newcombe_paired(both: int, only_first: int, only_second: int, neither: int) -> Interval:
    """Returns the interval of p(second) - p(first) of paired proportions.

    Method 10 of Newcombe (1998, Statistics in Medicine 17:2635-2650): Wilson's limits of the two
    proportions, squared and added with the continuity-corrected correlation of the pairs.

    Args:
        both: samples that both have right.
        only_first: samples that only the first has right.
        only_second: samples that only the second has right.
        neither: samples that neither has right.
    """
    count = both + only_first + only_second + neither
    first, second = both + only_first, both + only_second
    margins = first * (count - first) * second * (count - second)
    excess: float = both * neither - only_first * only_second
    if excess > 0:
        excess = max(0.0, excess - count / 2)
    phi = excess / math.sqrt(margins) if margins else 0.0
    low_first, high_first = wilson(first, count)
    low_second, high_second = wilson(second, count)
    delta = (second - first) / count
    down = _add_squares(second / count - low_second, high_first - first / count, phi)
    up = _add_squares(high_second - second / count, first / count - low_first, phi)
    return Interval(delta - down, delta + up)


def _add_squares(one: float, other: float, phi: float) -> float:
    return math.sqrt(max(0.0, one * one - 2 * phi * one * other + other * other))


def mcnemar(worse: int, better: int) -> float:
    """Returns the two-sided p-value of the exact McNemar test (McNemar 1947; a sign test of the
    flips).

    Args:
        worse: samples that only the baseline has right.
        better: samples that only the variant has right.
    """
    flips = worse + better
    if worse == better:
        return 1.0
    return min(1.0, 2 * math.fsum(_coin(flips, k) for k in range(min(worse, better) + 1)))


def bootstrap(rows: Sequence[Row], statistic: Callable[[int, Row], float]) -> list[float]:
    """Returns the sorted values of a statistic over resamples of the rows (Efron 1979), the same
    every time.

    Many samples are first dealt at random into blocks of equal size, and the blocks' sums are
    resampled: the sums vary as those of single samples do, at a cost that does not grow with
    their number. A remainder that fills no block is left out.

    Args:
        rows: one per sample, at least one.
        statistic: takes how many samples and the sum of their rows.
    """
    generator = random.Random(_SEED)
    size = math.ceil(len(rows) / BLOCKS)
    shuffled = generator.sample(list(rows), len(rows)) if size > 1 else list(rows)
    blocks = [total(shuffled[i : i + size]) for i in range(0, len(rows) - size + 1, size)]
    count = len(blocks) * size
    return sorted(
        statistic(count, total(generator.choices(blocks, k=len(blocks)))) for _ in range(RESAMPLES)
    )


def percentile_interval(values: Sequence[float], count: int) -> Interval:
    """Returns the expanded percentile interval of a sorted bootstrap distribution.

    The percentiles are moved outwards so that few samples are not taken for many (Hesterberg
    2015, The American Statistician 69:371-386); from some hundred on they are the plain 2.5 %
    and 97.5 %.

    Args:
        values: the statistic over resamples, sorted.
        count: samples that were resampled.
    """
    if count < 2:
        return Interval(values[0], values[-1])
    tail = _NORMAL.cdf(-math.sqrt(count / (count - 1)) * t_quantile(count - 1))
    return Interval(_quantile(values, tail), _quantile(values, 1 - tail))


def _quantile(values: Sequence[float], share: float) -> float:
    place = share * (len(values) - 1)
    low = math.floor(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (place - low) * (values[high] - values[low])


def unseen_share(count: int) -> float:
    """Returns the largest share of a kind of sample of which so many samples hold none, at 97.5 %.

    The upper limit of Clopper & Pearson (1934) for no successes, known as the rule of three.
    """
    return float(1 - 0.025 ** (1 / count))


def log_t_interval(values: Sequence[float]) -> Interval:
    """Returns Student's t-interval of the geometric mean of positive values (Student 1908, on
    logarithms).

    Args:
        values: at least two, each above zero.
    """
    logs = [math.log(value) for value in values]
    mean = math.fsum(logs) / len(logs)
    variance = math.fsum((log - mean) ** 2 for log in logs) / (len(logs) - 1)
    half = t_quantile(len(logs) - 1) * math.sqrt(variance / len(logs))
    return Interval(math.exp(mean - half), math.exp(mean + half))


def order_statistics_interval(values: Sequence[float]) -> Interval:
    """Returns the distribution-free interval of the median between two order statistics (Thompson
    1936).

    Args:
        values: at least six; with fewer no two of them hold the median with 95 %.
    """
    ordered, count = sorted(values), len(values)
    outside, rank = 0.0, 0
    while True:
        outside += _coin(count, rank)
        if outside > 0.025:
            break
        rank += 1
    return Interval(ordered[rank - 1], ordered[count - rank])


def _coin(tosses: int, heads: int) -> float:
    """Probability of so many heads; through `lgamma`, so that many tosses do not overflow."""
    ways = math.lgamma(tosses + 1) - math.lgamma(heads + 1) - math.lgamma(tosses - heads + 1)
    return math.exp(ways - tosses * math.log(2))
