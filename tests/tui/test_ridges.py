"""Latencies as ridges: one axis, ticks where the percentiles are."""

from __future__ import annotations

import math

import pytest

from ovtui.core.results.histogram import histogram
from ovtui.core.results.speeds import Latency
from ovtui.tui.ridges import Ridge, ridges


def _ridge(name: str, low: float, step: float) -> Ridge:
    values = [low + step * number for number in range(200)]
    latency = Latency(
        p50_ms=values[100],
        mean_ms=values[100],
        min_ms=low,
        p90_ms=values[180],
        p99_ms=values[198],
        count=200,
        ci95_p50_ms=None,
        histogram=histogram(values),
    )
    return Ridge(name, latency, "bright_cyan")


@pytest.mark.parametrize("width", [20, 40, 76])
def test_ridges_have_one_axis(width: int) -> None:
    rows = ridges([_ridge("A fp32", 2.0, 0.001), _ridge("B int8", 0.5, 0.001)], width)
    slow, _, fast, _, axis = rows
    assert all(row.cell_len <= width for row in rows)
    assert slow.plain.index("█") > fast.plain.rindex("█")
    assert axis.plain.replace(" ms", "").split() == ["0.50", "2.20"]


def test_ticks_stand_at_the_percentiles() -> None:
    found = _ridge("A", 1.0, 0.01)
    row, ticks, _ = ridges([found], 80)
    first, room = 2, row.cell_len - 3
    at = [index - first for index, sign in enumerate(ticks.plain) if sign == "╵"]
    latency, low = found.latency, 1.0
    assert latency.histogram is not None
    high = latency.histogram.edges_ms[-1]
    wanted = [math.log(value / low) / math.log(high / low) * room
              for value in (latency.p50_ms, latency.p90_ms, latency.p99_ms)]  # fmt: skip
    assert [abs(one - other) < 1 for one, other in zip(at, wanted, strict=True)] == [True] * 3
    assert "╵50" in ticks.plain and "╵90" in ticks.plain


def test_without_a_histogram_there_is_no_ridge() -> None:
    bare = Latency(
        p50_ms=1.0, mean_ms=1.0, min_ms=1.0, p90_ms=1.0, p99_ms=1.0, count=1, ci95_p50_ms=None
    )
    assert ridges([Ridge("A", bare, "")], 60) == []
