"""How latencies are spread: counts in bins of equal width."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

from ovtui.core.results.speeds import Histogram

BINS = 24
"""What a line of a terminal can show; a result grows by half a kilobyte for each variant."""
_SHOWN = 0.995
"""Of the requests; a single one that waited for another process would squeeze all others."""


def histogram(ordered: Sequence[float]) -> Histogram | None:
    """Returns the histogram of sorted latencies in ms; None where all that it would show are
    equal.
    """
    kept = ordered[: math.ceil(len(ordered) * _SHOWN)]
    if not kept or kept[0] == kept[-1]:
        return None
    width = (kept[-1] - kept[0]) / BINS
    edges = [kept[0] + width * number for number in range(BINS)] + [kept[-1]]
    below = [0, *(bisect_right(kept, edge) for edge in edges[1:])]
    counts = [high - low for low, high in zip(below, below[1:], strict=False)]
    return Histogram(edges_ms=edges, counts=counts)


def spread_over(histogram: Histogram, low: float, high: float, cells: int) -> list[float]:
    """Returns the requests in each cell of an axis whose steps are equal ratios.

    Args:
        histogram: bins, each taken as even.
        low: ms where the axis begins, above zero.
        high: ms where it ends.
        cells: of the axis.
    """
    step = math.log(high / low) / cells
    ends = [low * math.exp(step * number) for number in range(cells + 1)]
    bins = list(zip(histogram.edges_ms, histogram.edges_ms[1:], histogram.counts, strict=False))
    return [
        math.fsum(
            count * max(0.0, min(end, last) - max(start, first)) / (last - first)
            for first, last, count in bins
            if last > first
        )
        for start, end in zip(ends, ends[1:], strict=False)
    ]
