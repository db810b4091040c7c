"""A metric against latency as lines of text, its dots named by letters, with the Pareto front."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.text import Text

from ovtui.tui.text import FAINT, LIVE, REST, STRONG, line

_MOST_TICKS = 5
_NICE = (1, 2, 2.5, 5, 10)
_TICK_CELLS = 11
"""Between two numbers below the plot."""

Cell = tuple[int, int]
"""Column and row, from the left and from the top."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A variant in the scatter: its letter, latency in milliseconds, metric, exact spelling."""

    letter: str
    x: float
    y: float
    label: str


class _Axis(NamedTuple):
    """Round numbers at equal distances: none of them is cut off, or beyond what can be."""

    low: float
    step: float
    intervals: int
    cells: int
    """Of an interval."""

    @property
    def length(self) -> int:
        """Cells from the first number to the last, both counted."""
        return self.intervals * self.cells + 1

    def cell(self, value: float) -> int:
        """Where a value lies, from the axis's beginning."""
        return round((value - self.low) / self.step * self.cells)

    def ticks(self) -> list[tuple[int, str]]:
        """The cell and the number of each tick."""
        decimals = 0
        while decimals < 12 and not math.isclose(self.step, round(self.step, decimals)):
            decimals += 1
        return [
            (index * self.cells, f"{self.low + index * self.step:.{decimals}f}")
            for index in range(self.intervals + 1)
        ]


def scatter(dots: Sequence[Dot], width: int, height: int, *, higher_is_better: bool) -> list[Text]:
    """The metric against latency; up and left is better, and the Pareto front is dotted.

    Args:
        dots: each is shown: one whose cell is taken stands in the nearest that is free.
        width: cells of a line at most.
        height: lines at most.
        higher_is_better: of the metric; where lower is better, the axis is turned round.
    """
    if not dots:
        return [line(("nothing was measured", FAINT))]
    y_axis = _axis([dot.y for dot in dots], height - 2, least=2)
    numbers = [number for _, number in y_axis.ticks()]
    margin = max(map(len, numbers))
    x_axis = _axis([dot.x for dot in dots], width - margin - 5, least=_TICK_CELLS)

    def place(dot: Dot) -> Cell:
        row = y_axis.cell(dot.y)
        return x_axis.cell(dot.x), y_axis.length - 1 - row if higher_is_better else row

    drawn: dict[Cell, tuple[str, str]] = {}
    front = [place(dots[index]) for index in on_front(dots, higher_is_better)]
    for start, end in zip(front, front[1:], strict=False):
        drawn |= dict.fromkeys(_between(start, end), (REST, LIVE))
    letters: dict[Cell, tuple[str, str]] = {}
    for dot in dots:
        found = _free(place(dot), letters, x_axis.length, y_axis.length)
        letters[found] = (dot.letter, f"{STRONG} {LIVE}")
    at = {row: number for row, number in y_axis.ticks()}
    lines = []
    for row in range(y_axis.length):
        number = at.get(y_axis.length - 1 - row if higher_is_better else row, "")
        cells = [(drawn | letters).get((x, row), (" ", "")) for x in range(x_axis.length)]
        lines.append(line((number.rjust(margin), FAINT), (" ┤" if number else " │", FAINT), *cells))
    return [*lines, *_below(x_axis, margin + 1)]


def on_front(dots: Sequence[Dot], higher_is_better: bool) -> list[int]:
    """Indices of the dots on the Pareto front, the fastest first."""
    from ovtui.core.pareto import Point, pareto_front  # 15 ms that only a plot costs

    sign = 1 if higher_is_better else -1
    points = (Point(str(index), dot.x, sign * dot.y) for index, dot in enumerate(dots))
    return [int(name) for name in pareto_front(points)]


def _axis(values: Sequence[float], room: int, least: int) -> _Axis:
    """The finest round steps around some values that fit.

    Ends are multiples of the step, so that none is negative where no value is, nor above 1 where
    no value is: steps of 1, 2, 2.5 or 5 times a power of ten divide 1.

    Args:
        values: what is to lie on the axis.
        room: cells.
        least: cells between two ticks.
    """
    low, high = min(values), max(values)
    most = max(1, min(_MOST_TICKS, (room - 1) // least))
    power = math.floor(math.log10((high - low) or abs(high) or 1.0)) - 1
    steps = (nice * 10.0**exponent for exponent in range(power, power + 4) for nice in _NICE)
    for step in steps:
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        if first == last:  # one value, on a tick: it has room below, or above zero
            first, last = (first - 1, last) if first else (0, 1)
        if last - first <= most:
            break
    return _Axis(first * step, step, last - first, max(1, (room - 1) // (last - first)))


def _between(start: Cell, end: Cell) -> Iterator[Cell]:
    """The cells of a straight line, without its ends."""
    (x1, y1), (x2, y2) = start, end
    count = max(abs(x2 - x1), abs(y2 - y1))
    for index in range(1, count):
        share = index / count
        yield round(x1 + share * (x2 - x1)), round(y1 + share * (y2 - y1))


def _free(cell: Cell, taken: dict[Cell, tuple[str, str]], width: int, height: int) -> Cell:
    """The free cell that is nearest; a cell is twice as high as it is wide."""
    cells = [(x, y) for y in range(height) for x in range(width) if (x, y) not in taken]
    return min(cells, key=lambda it: ((it[0] - cell[0]) ** 2 + 4 * (it[1] - cell[1]) ** 2, -it[0]))


def _below(axis: _Axis, margin: int) -> list[Text]:
    """The horizontal axis and its numbers, each in the middle below its tick."""
    ruler, numbers = ["─"] * axis.length, " " * margin
    for at, number in axis.ticks():
        ruler[at] = "┬"
        numbers = numbers.ljust(margin + 1 + at - len(number) // 2) + number
    return [
        line(" " * margin, ("└" + "".join(ruler), FAINT)),
        line((numbers, FAINT)),
    ]
