"""Charts as SVG text: bars, and the trade of accuracy against latency with its Pareto front.

Colours come from the page's CSS variables, with values of their own for a chart that stands alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from ovtui.core.pareto import Point, pareto_front
from ovtui.core.text import cell_width, plain, shorten

_ACCENT = "var(--accent,#2563eb)"
_TEXT = "var(--text,#1f2328)"
_FAINT = "var(--faint,#8b949e)"
_NAME_WIDTH, _NUMBER_WIDTH, _ROW, _NAME_CELLS = 150, 210, 28, 20


class Bar(NamedTuple):
    """One bar: its length and the exact number that stands beside it."""

    name: str
    value: float | None
    """None: not measured."""
    label: str


class Dot(NamedTuple):
    """One point of a scatter chart, with the exact numbers that stand below it."""

    name: str
    x: float
    y: float
    label: str
    y_interval: tuple[float, float] | None = None


class _Axis(NamedTuple):
    low: float
    high: float
    start: float
    """Pixel of `low`."""
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


class _Box(NamedTuple):
    left: float
    top: float
    width: float
    height: float

    def covers(self, other: _Box) -> bool:
        across = self.left < other.left + other.width and other.left < self.left + self.width
        return across and self.top < other.top + other.height and other.top < self.top + self.height


def bar_chart(title: str, bars: Sequence[Bar], width: int = 640) -> str:
    """Horizontal bars from zero, each with its name and its exact number.

    Args:
        title: names quantity and unit.
        bars: from top to bottom; a value below zero has no length.
        width: in pixels.
    """
    largest = max((bar.value for bar in bars if bar.value is not None), default=0.0)
    room = width - _NAME_WIDTH - _NUMBER_WIDTH
    parts = []
    for index, bar in enumerate(bars):
        top = index * _ROW
        share = max(0.0, bar.value or 0.0) / largest if largest > 0 else 0.0
        length = max(1.0, share * room)
        parts.append(
            _text(_NAME_WIDTH - 10, top + 18, shorten(plain(bar.name), _NAME_CELLS), "end")
        )
        if bar.value is not None:
            parts.append(
                f'<rect x="{_NAME_WIDTH}" y="{top + 5}" width="{length:.1f}" height="{_ROW - 10}"'
                f' rx="2" style="fill:{_ACCENT}"/>'
            )
        else:
            length = 0.0
        parts.append(_text(_NAME_WIDTH + length + 8, top + 18, plain(bar.label), colour=_TEXT))
    return _svg(title, width, max(1, len(bars)) * _ROW, parts)


def scatter_chart(
    dots: Sequence[Dot],
    x_title: str,
    y_title: str,
    *,
    higher_is_better: bool = True,
    width: int = 640,
    height: int = 340,
) -> str:
    """A metric against latency; up and left is better, the Pareto front is joined by a line.

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
        return _svg(title, width, _ROW, [_text(8, 18, "nothing was measured")])
    sign = 1 if higher_is_better else -1
    front = pareto_front(Point(str(index), dot.x, sign * dot.y) for index, dot in enumerate(dots))
    x_axis = _Axis(0.0, 1.12 * max(dot.x for dot in dots) or 1.0, 70, width - 20)
    y_axis = _y_axis(dots, height, higher_is_better)
    parts = _frame(x_axis, y_axis, x_title, y_title, width, height)
    joined = [dots[int(name)] for name in front]
    path = " ".join(f"{x_axis(dot.x):.1f},{y_axis(dot.y):.1f}" for dot in joined)
    parts.append(
        f'<polyline points="{path}" style="fill:none;stroke:{_ACCENT};stroke-width:1.5;'
        'stroke-dasharray:5 4"/>'
    )
    for index, dot in enumerate(dots):
        parts += _dot(dot, x_axis, y_axis, str(index) in front)
    parts += _labels(dots, x_axis, y_axis) + _legend(dots, height + 12)
    return _svg(title, width, height + 20 * len(dots), parts)


def _y_axis(dots: Sequence[Dot], height: int, higher_is_better: bool) -> _Axis:
    ends = [end for dot in dots for end in (dot.y, *(dot.y_interval or ()))]
    margin = 0.08 * (max(ends) - min(ends)) or 0.05 * abs(ends[0]) or 1.0
    bottom, top = height - 50.0, 16.0
    if not higher_is_better:
        bottom, top = top, bottom
    return _Axis(min(ends) - margin, max(ends) + margin, bottom, top)


def _frame(
    x_axis: _Axis, y_axis: _Axis, x_title: str, y_title: str, width: int, height: int
) -> list[str]:
    base = max(y_axis.start, y_axis.end)
    parts = [
        _line(x_axis.start, base, x_axis.end, base),
        _line(x_axis.start, base, x_axis.start, min(y_axis.start, y_axis.end)),
        _text((x_axis.start + x_axis.end) / 2, height - 8, plain(x_title), "middle", _FAINT),
        f'<g transform="translate(14 {base / 2:.0f}) rotate(-90)">'
        f"{_text(0, 0, plain(y_title), 'middle', _FAINT)}</g>",
    ]
    for value, label in _ticks(x_axis):
        parts.append(_line(x_axis(value), base, x_axis(value), base + 4))
        parts.append(_text(x_axis(value), base + 18, label, "middle", _FAINT))
    for value, label in _ticks(y_axis):
        parts.append(_line(x_axis.start - 4, y_axis(value), x_axis.start, y_axis(value)))
        parts.append(_text(x_axis.start - 8, y_axis(value) + 4, label, "end", _FAINT))
    return parts


def _ticks(axis: _Axis) -> list[tuple[float, str]]:
    """At most seven round numbers of an axis: steps of 1, 2 or 5 times a power of ten."""
    rough = (axis.high - axis.low) / 6
    power = math.floor(math.log10(rough))
    step = next(s * 10.0**power for s in (1, 2, 5, 10) if s * 10.0**power >= rough * 0.999)
    first, last = math.ceil(axis.low / step), math.floor(axis.high / step)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return [(index * step, f"{index * step:.{decimals}f}") for index in range(first, last + 1)]


def _dot(dot: Dot, x_axis: _Axis, y_axis: _Axis, on_front: bool) -> list[str]:
    x, y = x_axis(dot.x), y_axis(dot.y)
    fill = _ACCENT if on_front else "var(--page,#ffffff)"
    parts = []
    if dot.y_interval:
        low, high = (y_axis(end) for end in dot.y_interval)
        parts.append(_line(x, low, x, high))
    parts.append(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5"'
        f' style="fill:{fill};stroke:{_ACCENT};stroke-width:1.5"/>'
    )
    return parts


def _labels(dots: Sequence[Dot], x_axis: _Axis, y_axis: _Axis) -> list[str]:
    """Each dot's name where it covers no other name and no dot, as near to its dot as can be."""
    taken = [_Box(x_axis(d.x) - 6, y_axis(d.y) - 6, 12, 12) for d in dots]
    parts = []
    for dot in dots:
        name = shorten(plain(dot.name), _NAME_CELLS)
        length = 7.5 * cell_width(name)
        x, y = x_axis(dot.x), y_axis(dot.y)
        places = [
            _Box(left, y + down - 12, length, 15)
            for distance in range(0, 160, 16)
            for down in (-6 - distance, 18 + distance)
            for left in (x + 9, x - 9 - length)
        ]
        inside = [box for box in places if x_axis.start < box.left < x_axis.end - length]
        free = [box for box in inside if not any(box.covers(other) for other in taken)]
        box = (free or inside or places)[0]
        taken.append(box)
        parts.append(_text(box.left, box.top + 12, name))
    return parts


def _legend(dots: Sequence[Dot], top: float) -> list[str]:
    """The exact numbers of the dots, a line each."""
    return [
        _text(70, top + 20 * index, f"{shorten(plain(dot.name), _NAME_CELLS)}: {plain(dot.label)}")
        for index, dot in enumerate(dots)
    ]


def _text(x: float, y: float, text: str, anchor: str = "start", colour: str = _TEXT) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" style="fill:{colour}">'
        f"{escape(text)}</text>"
    )


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" style="stroke:{_FAINT}"/>'
    )


def _svg(title: str, width: int, height: int, parts: Sequence[str]) -> str:
    name = escape(plain(title))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" role="img" aria-label="{name}" font-family="system-ui,sans-serif"'
        f' font-size="13"><title>{name}</title>{"".join(parts)}</svg>'
    )
