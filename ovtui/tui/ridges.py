"""How latencies are spread as ridges on one axis, with their percentiles marked below each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from ovtui.core.results.histogram import spread_over
from ovtui.core.results.speeds import Latency
from ovtui.core.text.units import three_digits
from ovtui.tui.charts import Bar, columns
from ovtui.tui.text import FAINT, REST, line

_LEVELS = " ▁▂▃▅▆█"
_TICK = "╵"


@dataclass(frozen=True, slots=True)
class Ridge:
    """A variant's latency with its name and colour."""

    name: str
    latency: Latency
    style: str


def ridges(rows: Sequence[Ridge], width: int) -> list[Text]:
    """Draws the latencies of variants, two lines for each, and the axis they share.

    Args:
        rows: those without a histogram are left out.
        width: cells of a line.

    Returns:
        The density of requests over an axis of equal ratios, from the fastest to the 99.5th
        percentile, in six levels of each variant's own highest; under it ticks at p50, p90, p99.
    """
    drawn = [(row, histogram) for row in rows if (histogram := row.latency.histogram)]
    low = min((histogram.edges_ms[0] for _, histogram in drawn), default=0.0)
    high = max((histogram.edges_ms[-1] for _, histogram in drawn), default=0.0)
    if not 0 < low < high:
        return []
    names, _, _, room = columns([Bar(row.name, None, "") for row, _ in drawn], width)
    margin = " " * (len(names[0]) + 1)
    lines = []
    for (row, histogram), name in zip(drawn, names, strict=True):
        counts = spread_over(histogram, low, high, room)
        most = max(counts)
        levels = [math.ceil(count / most * (len(_LEVELS) - 1) - 1e-9) for count in counts]
        cells = [(_LEVELS[level], row.style) if level else (REST, FAINT) for level in levels]
        lines.append(line((name, row.style), " ", *cells))
        lines.append(line(margin, (_ticks(row.latency, low, high, room), FAINT)))
    first, last = three_digits(low), three_digits(high)
    if len(first) + len(last) + 7 <= room:
        first, last = f"{first} ms", f"{last} ms"
    if len(first) + len(last) >= room:
        return lines
    return [*lines, line(margin, (first + last.rjust(room - len(first)), FAINT))]


def _ticks(latency: Latency, low: float, high: float, room: int) -> str:
    """A tick at each percentile with its number behind it, where the next tick leaves room."""
    percentiles = {"50": latency.p50_ms, "90": latency.p90_ms, "99": latency.p99_ms}
    places = {
        number: min(room - 1, int(math.log(value / low) / math.log(high / low) * room))
        for number, value in percentiles.items()
        if low <= value <= high
    }
    cells = [" "] * room
    for number, at in places.items():
        after = [other for other in places.values() if other > at]
        if min([*after, room]) > at + len(number):
            cells[at + 1 : at + 1 + len(number)] = number
    for at in places.values():
        cells[at] = _TICK
    return "".join(cells)
