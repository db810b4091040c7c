"""Speed from interleaved blocks: the ratio of two variants, the interval of a median."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from ovtui.core.statistics import intervals
from ovtui.core.statistics.intervals import Interval


class Ratio(NamedTuple):
    """Baseline over variant."""

    value: float
    interval: Interval | None
    """None where there is only one block."""


def ratio_interval(baseline_blocks: Sequence[float], variant_blocks: Sequence[float]) -> Ratio:
    """Returns the ratio baseline over variant of interleaved blocks, with its 95 % interval.

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


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Gives the nearest-rank percentile, as OpenVINO's benchmark_app computes its median.

    Args:
        ordered: at least one value, sorted.
        percent: above 0, to 100; 50 is the median.
    """
    return ordered[math.ceil(len(ordered) * percent / 100) - 1]


def median_interval(values: Sequence[float]) -> Interval | None:
    """Returns the 95 % interval of a median, such as `ci95_p50_ms` from the medians of blocks.

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


def _check_positive(values: Sequence[float]) -> None:
    if not values:
        raise ValueError("no blocks were measured")
    for value in values:
        if not 0 < value < math.inf:
            raise ValueError(f"a block's median is {value}; it must be above zero")
