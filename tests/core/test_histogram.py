from __future__ import annotations

import pytest

from ovtui.core.results.histogram import BINS, histogram, spread_over


def test_counts_up_to_the_last_half_percent() -> None:
    found = histogram([1.0 + 0.01 * number for number in range(995)] + [100.0] * 5)
    assert found is not None
    assert len(found.counts) == BINS and len(found.edges_ms) == BINS + 1
    assert sum(found.counts) == 995
    assert found.edges_ms[0] == 1.0 and found.edges_ms[-1] == pytest.approx(10.94)


def test_nothing_to_show() -> None:
    assert histogram([]) is None
    assert histogram([2.0, 2.0, 2.0]) is None


def test_an_axis_of_ratios_keeps_the_count() -> None:
    found = histogram([1.0, 1.1, 1.2, 1.9, 2.0])
    assert found is not None
    cells = spread_over(found, 1.0, 4.0, 10)
    assert sum(cells) == pytest.approx(5)
    assert cells[5:] == pytest.approx([0] * 5, abs=1e-9)
