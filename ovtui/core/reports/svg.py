"""Bars, and changes with their intervals, as SVG text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ovtui.core.reports.svg_parts import (
    ACCENT,
    LIMIT,
    NAME_CELLS,
    TEXT,
    Axis,
    line,
    svg,
    text,
)
from ovtui.core.text.cells import shorten_apart
from ovtui.core.text.foreign import plain

_NAME_WIDTH, _NUMBER_WIDTH, _ROW = 150, 210, 28
_NUMBER_ROOM = 40
"""Pixels between two numbers below a chart that cover nothing of each other."""


class Bar(NamedTuple):
    """One bar: its length and the exact number that stands beside it."""

    name: str
    value: float | None
    """None: not measured."""
    label: str


class Whisker(NamedTuple):
    """A change with its interval, and the exact numbers that stand beside it."""

    name: str
    value: float
    interval: tuple[float, float]
    label: str


def bar_chart(title: str, bars: Sequence[Bar], width: int = 640) -> str:
    """Draws horizontal bars from zero, each with its name and its exact number, as SVG.

    Args:
        title: names quantity and unit.
        bars: from top to bottom; a value below zero has no length.
        width: in pixels.
    """
    largest = max((bar.value for bar in bars if bar.value is not None), default=0.0)
    room = width - _NAME_WIDTH - _NUMBER_WIDTH
    parts = []
    names = _names([bar.name for bar in bars])
    for index, (bar, name) in enumerate(zip(bars, names, strict=True)):
        top = index * _ROW
        share = max(0.0, bar.value or 0.0) / largest if largest > 0 else 0.0
        length = max(1.0, share * room)
        parts.append(text(_NAME_WIDTH - 10, top + 18, name, "end"))
        if bar.value is not None:
            parts.append(
                f'<rect x="{_NAME_WIDTH}" y="{top + 5}" width="{length:.1f}" height="{_ROW - 10}"'
                f' rx="2" style="fill:{ACCENT}"/>'
            )
        else:
            length = 0.0
        parts.append(text(_NAME_WIDTH + length + 8, top + 18, plain(bar.label), colour=TEXT))
    return svg(title, width, max(1, len(bars)) * _ROW, parts)


def interval_chart(
    title: str, rows: Sequence[Whisker], limits: Sequence[float], width: int = 640
) -> str:
    """Draws changes with their intervals on one axis that holds 0, and lines at the limits, as SVG.

    Args:
        title: names what changed.
        rows: from top to bottom.
        limits: changes beyond which a variant fails.
        width: in pixels.
    """
    ends = [0.0, *limits, *(end for row in rows for end in (row.value, *row.interval))]
    margin = 0.04 * (max(ends) - min(ends)) or 1.0
    axis = Axis(min(ends) - margin, max(ends) + margin, _NAME_WIDTH, width - _NUMBER_WIDTH)
    height = len(rows) * _ROW
    parts = []
    names = _names([row.name for row in rows])
    for index, (row, name) in enumerate(zip(rows, names, strict=True)):
        middle = index * _ROW + _ROW / 2
        low, high = axis(row.interval[0]), axis(row.interval[1])
        parts += [
            text(_NAME_WIDTH - 10, middle + 4, name, "end"),
            line(low, middle, high, middle, ACCENT),
            line(low, middle - 4, low, middle + 4, ACCENT),
            line(high, middle - 4, high, middle + 4, ACCENT),
            f'<circle cx="{axis(row.value):.1f}" cy="{middle:.1f}" r="4" style="fill:{ACCENT}"/>',
            text(width - _NUMBER_WIDTH + 8, middle + 4, plain(row.label)),
        ]
    parts += [line(axis(0.0), 0, axis(0.0), height), text(axis(0.0), height + 14, "0", "middle")]
    for limit in limits:
        parts.append(line(axis(limit), 0, axis(limit), height, LIMIT))
        x, anchor = axis(limit), "middle"
        if abs(x - axis(0.0)) < _NUMBER_ROOM:  # beside 0, not upon it
            x, anchor = (x - 6, "end") if limit < 0 else (x + 6, "start")
        parts.append(text(x, height + 14, f"{limit:+.4f}", anchor))
    return svg(title, width, height + 20, parts)


def _names(names: Sequence[str]) -> list[str]:
    return shorten_apart([plain(name) for name in names], NAME_CELLS)
