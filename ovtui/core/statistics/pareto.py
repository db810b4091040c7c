"""The Pareto front: variants that no other beats."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Point(NamedTuple):
    """A variant as a trade: what it costs (lower is better) for what value (higher is better)."""

    name: str
    cost: float
    value: float


def pareto_front(points: Iterable[Point]) -> list[str]:
    """Returns names of the points that no other beats on cost or value without losing on the other.

    Args:
        points: name, cost (lower is better), value (higher is better); equal points are all kept.

    Returns:
        Names in order of cost (Pareto 1906).
    """
    front: list[Point] = []
    for point in sorted(points, key=lambda point: (point.cost, -point.value)):
        tied = front and front[-1][1:] == point[1:]
        if tied or not front or point.value > front[-1].value:
            front.append(point)
    return [point.name for point in front]
