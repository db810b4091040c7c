"""What measured blocks come to: percentiles, and the interval of a median."""

from __future__ import annotations

import pytest

from ovtui.core.results.speeds import span_of
from ovtui.core.statistics.blocks import median_interval, percentile
from ovtui.engine.measuring.blocks import latency_of
from ovtui.engine.measuring.messages import LatencyBlock


def test_percentiles_are_nearest_ranks() -> None:
    values = [float(value) for value in range(1, 11)]
    assert [percentile(values, p) for p in (50, 90, 99, 100)] == [5, 9, 10, 10]
    assert percentile([7.0], 50) == 7
    told = span_of(values[::-1])
    assert (told.p50_ms, told.p90_ms) == (5, 9)  # as of latencies: not the mean of two, nor the 10


@pytest.mark.parametrize("count", [1, 2, 5, 6, 10])
def test_the_interval_of_the_median_is_one_of_95_percent(count: int) -> None:
    """The range of a few blocks is no such interval: that of two holds the median half the time."""
    medians = [2.0 + 0.1 * number for number in range(count)]
    found = latency_of([LatencyBlock([value]) for value in medians], None)
    assert found.ci95_p50_ms == median_interval(medians)
    if found.ci95_p50_ms is not None and count == 2:
        low, high = found.ci95_p50_ms
        assert low < min(medians) and max(medians) < high
