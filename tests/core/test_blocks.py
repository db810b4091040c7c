"""Ratios of interleaved blocks, and the interval of their median."""

from __future__ import annotations

import math

import pytest

from ovtui.core.statistics.blocks import median_interval, ratio_interval


def test_ratio_of_blocks() -> None:
    ratio = ratio_interval([2.0, 2.2, 2.1], [1.0, 1.1, 1.05])
    assert ratio.value == pytest.approx(2.0)
    assert ratio.interval == pytest.approx((2.0, 2.0))
    ratio = ratio_interval([2.0, 8.0], [1.0, 1.0])
    assert ratio.value == pytest.approx(4.0)
    # log-mean log 4, standard error log 2, t(1) = 12.7062
    assert ratio.interval == pytest.approx((4 * 2**-12.7062, 4 * 2**12.7062), rel=1e-6)
    assert ratio_interval([3.0], [2.0]) == (1.5, None)
    for blocks in (([], []), ([1.0], [1.0, 2.0]), ([0.0], [1.0]), ([math.nan], [1.0])):
        with pytest.raises(ValueError, match="block"):
            ratio_interval(*blocks)


def test_interval_of_a_median() -> None:
    """Ranks 2 and 9 of ten hold the median with 97.9 %, ranks 3 and 8 with 89.1 %."""
    assert median_interval([float(n) for n in range(1, 11)]) == (2.0, 9.0)
    assert median_interval([float(n) for n in range(1, 7)]) == (1.0, 6.0)
    assert median_interval([1.0]) is None
    few = median_interval([1.0, 1.0, 1.1])
    assert few is not None
    assert few.low < 1.0 < few.high
