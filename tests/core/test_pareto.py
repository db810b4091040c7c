from __future__ import annotations

from ovtui.core.statistics.pareto import Point, pareto_front


def test_pareto_front() -> None:
    points = [
        Point("slow and good", 3, 0.9),
        Point("beaten", 3, 0.8),
        Point("quick", 1, 0.7),
        Point("quick too", 1, 0.7),
        Point("no better", 2, 0.7),
    ]
    assert pareto_front(points) == ["quick", "quick too", "slow and good"]
    assert pareto_front([]) == []
