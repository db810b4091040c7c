"""The trade of a metric against latency with its Pareto front, as SVG text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ovtui.core.reports.svg_parts import (
    ACCENT,
    FAINT,
    NAME_CELLS,
    Axis,
    line,
    svg,
    text,
    ticks,
)
from ovtui.core.statistics.pareto import Point, pareto_front
from ovtui.core.text.cells import cell_width, shorten_apart
from ovtui.core.text.foreign import plain

_CHARACTER = 7.5
"""Pixels of a character at this size, a little more than most take."""
_LEFT = 70
"""Pixels for the numbers of the metric and its name; more where numbers are long."""
_LINE = 20
"""Pixels of a line of numbers below the chart."""


class Dot(NamedTuple):
    """One point of a scatter chart, with the exact numbers that stand below it."""

    name: str
    x: float
    y: float
    label: str
    y_interval: tuple[float, float] | None = None


class _Box(NamedTuple):
    left: float
    top: float
    width: float
    height: float

    def covers(self, other: _Box) -> bool:
        across = self.left < other.left + other.width and other.left < self.left + self.width
        return across and self.top < other.top + other.height and other.top < self.top + self.height


def scatter_chart(
    dots: Sequence[Dot],
    x_title: str,
    y_title: str,
    *,
    higher_is_better: bool = True,
    width: int = 640,
    height: int = 340,
) -> str:
    """Draws a metric against latency as SVG; up and left is better, a line joins the Pareto front.

    Args:
        dots: x is lower-is-better, such as milliseconds.
        x_title: quantity and unit.
        y_title: the metric.
        higher_is_better: of the metric; where lower is better, the axis is turned round.
        width: in pixels.
        height: in pixels, without the lines of numbers below.
    """
    title = f"{y_title} against {x_title}"
    if not dots:
        return svg(title, width, _LINE, [text(8, 18, "nothing was measured")])
    sign = 1 if higher_is_better else -1
    front = pareto_front(Point(str(index), dot.x, sign * dot.y) for index, dot in enumerate(dots))
    y_axis = _y_axis(dots, height, higher_is_better)
    left = max(_LEFT, 30 + _CHARACTER * max(len(number) for _, number in ticks(y_axis)))
    x_axis = Axis(0.0, 1.12 * max(dot.x for dot in dots) or 1.0, left, width - 20)
    parts = _frame(x_axis, y_axis, x_title, y_title, width, height)
    joined = [dots[int(name)] for name in front]
    path = " ".join(f"{x_axis(dot.x):.1f},{y_axis(dot.y):.1f}" for dot in joined)
    parts.append(
        f'<polyline points="{path}" style="fill:none;stroke:{ACCENT};stroke-width:1.5;'
        'stroke-dasharray:5 4"/>'
    )
    for index, dot in enumerate(dots):
        parts += _dot(dot, x_axis, y_axis, str(index) in front)
    parts += _labels(dots, x_axis, y_axis) + _legend(dots, height + 12)
    return svg(title, width, height + 20 * len(dots), parts)


def _y_axis(dots: Sequence[Dot], height: int, higher_is_better: bool) -> Axis:
    ends = [end for dot in dots for end in (dot.y, *(dot.y_interval or ()))]
    low, high = min(ends), max(ends)
    margin = 0.08 * (high - low) or 0.05 * abs(low) or 1.0
    # A number that no metric can have is no tick.
    bottom_value = max(0.0, low - margin) if low >= 0 else low - margin
    top_value = min(1.0, high + margin) if low >= 0 and high <= 1 else high + margin
    bottom, top = height - 50.0, 16.0
    if not higher_is_better:
        bottom, top = top, bottom
    return Axis(bottom_value, top_value, bottom, top)


def _frame(
    x_axis: Axis, y_axis: Axis, x_title: str, y_title: str, width: int, height: int
) -> list[str]:
    base = max(y_axis.start, y_axis.end)
    parts = [
        line(x_axis.start, base, x_axis.end, base),
        line(x_axis.start, base, x_axis.start, min(y_axis.start, y_axis.end)),
        text((x_axis.start + x_axis.end) / 2, height - 8, plain(x_title), "middle", FAINT),
        f'<g transform="translate(14 {base / 2:.0f}) rotate(-90)">'
        f"{text(0, 0, plain(y_title), 'middle', FAINT)}</g>",
    ]
    for value, label in ticks(x_axis):
        parts.append(line(x_axis(value), base, x_axis(value), base + 4))
        parts.append(text(x_axis(value), base + 18, label, "middle", FAINT))
    for value, label in ticks(y_axis):
        parts.append(line(x_axis.start - 4, y_axis(value), x_axis.start, y_axis(value)))
        parts.append(text(x_axis.start - 8, y_axis(value) + 4, label, "end", FAINT))
    return parts


def _dot(dot: Dot, x_axis: Axis, y_axis: Axis, on_front: bool) -> list[str]:
    x, y = x_axis(dot.x), y_axis(dot.y)
    fill = ACCENT if on_front else "var(--page,#ffffff)"
    parts = []
    if dot.y_interval:
        low, high = (y_axis(end) for end in dot.y_interval)
        parts.append(line(x, low, x, high))
    parts.append(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5"'
        f' style="fill:{fill};stroke:{ACCENT};stroke-width:1.5"/>'
    )
    return parts


def _labels(dots: Sequence[Dot], x_axis: Axis, y_axis: Axis) -> list[str]:
    """Each dot's name where it covers no other name and no dot, as near to its dot as can be.

    A line joins a name to its dot where it does not stand right beside it.
    """
    taken = [_Box(x_axis(d.x) - 6, y_axis(d.y) - 6, 12, 12) for d in dots]
    bottom = max(y_axis.start, y_axis.end)
    parts = []
    for dot, name in zip(dots, _names(dots), strict=True):
        length = _CHARACTER * cell_width(name)
        x, y = x_axis(dot.x), y_axis(dot.y)
        places = [
            _Box(left, y + down - 12, length, 15)
            for distance in range(0, int(bottom), 16)
            for down in (-6 - distance, 18 + distance)
            for left in (x + 9, x - 9 - length, x - length / 2)
        ]
        inside = [
            box
            for box in places
            if x_axis.start < box.left < x_axis.end - length and 0 <= box.top < bottom - box.height
        ]
        free = [box for box in inside if not any(box.covers(other) for other in taken)]
        box = (free or inside or places)[0]
        taken.append(box)
        if abs(box.top + 12 - y) > 24:
            near = box.top + box.height if box.top < y else box.top
            parts.append(line(x, y, box.left + length / 2, near))
        parts.append(text(box.left, box.top + 12, name))
    return parts


def _legend(dots: Sequence[Dot], top: float) -> list[str]:
    """The exact numbers of the dots, a line each."""
    return [
        text(_LEFT, top + _LINE * index, f"{name}: {plain(dot.label)}")
        for index, (dot, name) in enumerate(zip(dots, _names(dots), strict=True))
    ]


def _names(dots: Sequence[Dot]) -> list[str]:
    return shorten_apart([plain(dot.name) for dot in dots], NAME_CELLS)
