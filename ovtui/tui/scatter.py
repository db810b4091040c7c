"""A metric against latency as lines of text, its dots named by letters, with the Pareto front."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.text import Text

from ovtui.core.text.units import at_tick
from ovtui.tui.text import BAD, DIVIDER, FAINT, LINE, LIVE, REST, STRONG, line

_MOST_TICKS = 5
_ALLOWED = "┈"
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
    x_ends: tuple[float, float] | None = None
    """Interval of the latency."""
    y_ends: tuple[float, float] | None = None
    """Interval of the metric."""
    style: str = LIVE


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
            (index * self.cells, at_tick(self.low + index * self.step, decimals))
            for index in range(self.intervals + 1)
        ]


def scatter(
    dots: Sequence[Dot],
    width: int,
    height: int,
    *,
    higher_is_better: bool,
    limit: float | None = None,
) -> list[Text]:
    """Draws the metric against latency; up and left is better, and the Pareto front is dotted.

    Args:
        dots: each is shown: one whose cell is taken stands in the nearest that is free.
        width: cells of a line at most.
        height: lines at most.
        higher_is_better: of the metric; where lower is better, the axis is turned round.
        limit: the worst value that is allowed, where a line crosses the plot.
    """
    if not dots:
        return [line(("nothing was measured", FAINT))]
    ys = [y for dot in dots for y in (dot.y, *(dot.y_ends or ()))]
    y_axis = _axis(ys + ([] if limit is None else [limit]), height - 2, least=2)
    margin = max(len(number) for _, number in y_axis.ticks())
    xs = [x for dot in dots for x in (dot.x, *(dot.x_ends or ()))]
    x_axis = _axis(xs, width - margin - 5, least=_TICK_CELLS)
    plot = _Plot(x_axis, y_axis, higher_is_better)
    places = [plot.place(dot.x, dot.y) for dot in dots]
    layers: list[_Layer] = []
    if limit is not None:
        row = plot.place(xs[0], limit)[1]
        layers.append(_Layer({(x, row): _ALLOWED for x in range(x_axis.length)}, BAD))
    front = [places[index] for index in on_front(dots, higher_is_better)]
    layers += [_whiskers(dot, plot) for dot in dots]
    letters: dict[Cell, str] = {}
    for dot, cell in zip(dots, places, strict=True):
        own = _free(cell, letters, x_axis.length, y_axis.length)
        letters[own] = dot.letter
        layers.append(_Layer({own: dot.letter}, f"{STRONG} {dot.style}"))
    drawn = _plotted(plot, front, layers)
    first = len(drawn[0]) - x_axis.length
    styles = {cell: layer.style for layer in layers for cell in layer.signs}

    def styled(sign: str, x: int, y: int) -> tuple[str, str]:
        on_line = sign == REST and y < y_axis.length
        return sign, styles.get((x - first, y), LIVE if on_line else FAINT)

    return [
        line(*(styled(sign, x, y) for x, sign in enumerate(row.rstrip())))
        for y, row in enumerate(drawn)
    ]


class _Plot(NamedTuple):
    """Both axes, and which way the metric's goes."""

    x_axis: _Axis
    y_axis: _Axis
    higher_is_better: bool

    def place(self, x: float, y: float) -> Cell:
        """Return the cell of two numbers."""
        row = self.y_axis.cell(y)
        return self.x_axis.cell(x), self.y_axis.length - 1 - row if self.higher_is_better else row


class _Layer(NamedTuple):
    """Signs that are drawn over what is there already."""

    signs: Mapping[Cell, str]
    style: str


def _whiskers(dot: Dot, plot: _Plot) -> _Layer:
    """The intervals of a dot as lines through its place."""
    x, y = plot.place(dot.x, dot.y)
    signs: dict[Cell, str] = {}
    if dot.x_ends:
        start, end = (plot.place(value, dot.y)[0] for value in dot.x_ends)
        signs |= {(at, y): LINE for at in range(start, end + 1)}
    if dot.y_ends:
        ends = sorted(plot.place(dot.x, value)[1] for value in dot.y_ends)
        signs |= {(x, at): DIVIDER for at in range(ends[0], ends[1] + 1)}
    return _Layer(signs, dot.style)


def _plotted(plot: _Plot, front: Sequence[Cell], layers: Sequence[_Layer]) -> list[str]:
    """Return what plotext draws when a unit of both axes is a cell: it then rounds nothing."""
    import plotext  # 60 ms that only a plot costs

    x_axis, y_axis, higher_is_better = plot
    last = y_axis.length - 1
    numbers = [(at, f"{number} ") for at, number in y_axis.ticks()]
    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plotsize(max(len(number) for _, number in numbers) + 1 + x_axis.length, last + 3)
    plotext.xaxes(True, False)
    plotext.yaxes(True, False)
    plotext.xlim(0, x_axis.length - 1)
    plotext.ylim(0, last)
    if len(front) > 1:
        plotext.plot([x for x, _ in front], [last - y for _, y in front], marker=REST)
    for layer in layers:
        for sign in dict.fromkeys(layer.signs.values()):
            cells = [cell for cell, drawn in layer.signs.items() if drawn == sign]
            plotext.scatter([x for x, _ in cells], [last - y for _, y in cells], marker=sign)
    xs, ys = x_axis.ticks(), [at if higher_is_better else last - at for at, _ in numbers]
    plotext.xticks([at for at, _ in xs], [number for _, number in xs])
    plotext.yticks(ys, [number for _, number in numbers])
    drawn = plotext.uncolorize(plotext.build()).splitlines()
    # Each number in the middle below its tick; plotext moves those at the ends inwards.
    return [*drawn[: last + 2], _below(xs, len(drawn[0]) - x_axis.length)]


def on_front(dots: Sequence[Dot], higher_is_better: bool) -> list[int]:
    """Returns the indices of the dots on the Pareto front, the fastest first."""
    from ovtui.core.statistics.pareto import Point, pareto_front  # 15 ms that only a plot costs

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


def _free(cell: Cell, taken: Mapping[Cell, str], width: int, height: int) -> Cell:
    """The free cell that is nearest; a cell is twice as high as it is wide."""
    cells = [(x, y) for y in range(height) for x in range(width) if (x, y) not in taken]
    return min(cells, key=lambda it: ((it[0] - cell[0]) ** 2 + 4 * (it[1] - cell[1]) ** 2, -it[0]))


def _below(ticks: Sequence[tuple[int, str]], margin: int) -> str:
    """The numbers of the horizontal axis."""
    numbers = " " * (margin - 1)
    for at, number in ticks:
        numbers = numbers.ljust(margin + at - len(number) // 2) + number
    return numbers
