"""The runs of a recipe one after the other: what each found out, and what was not as before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from rich.text import Text

from ovtui.core.reports.difference import differences
from ovtui.core.reports.numbers import change, interval, metric
from ovtui.core.results.result import Comparison, Result
from ovtui.core.results.variant import Variant
from ovtui.core.runs.run_request import Request
from ovtui.core.text.units import human_bytes, three_digits
from ovtui.tui import charts
from ovtui.tui.curves import curve
from ovtui.tui.signs import VERDICTS
from ovtui.tui.text import FAINT, STRONG, cell, line, table, wrapped

_CURVE_CELLS = 24
_HEAD = ("", "size", "p50 ms", "metric", "change", "verdict")
_METRIC = _HEAD.index("metric")
_ROOM = 78
"""Cells from which on a metric stands beside its change, and that has its interval."""


class Past(NamedTuple):
    """A run that is done."""

    request: Request
    result: Result

    @property
    def day(self) -> str:
        """When it was asked for, as in `11-27 14:05`, in the time of this machine."""
        return f"{datetime.fromisoformat(self.request.created).astimezone():%m-%d %H:%M}"


def page(recipe: str, runs: Sequence[Past], width: int) -> list[Text]:
    """Returns the runs of a recipe: the variants of the newest one over time, then what changed.

    Args:
        recipe: its name.
        runs: at least one, the newest first.
        width: cells of a line.
    """
    count = f"{len(runs)} runs" if len(runs) > 1 else "one run"
    lines = wrapped(f"{recipe}: {count}, the newest first", width, STRONG)
    for number, variant in enumerate(runs[0].result.variants):
        lines += [line(), *_over_time(number, variant.name, runs, room=width >= _ROOM)]
    return [*lines, *_changes(runs, width)]


def _over_time(number: int, name: str, runs: Sequence[Past], *, room: bool) -> list[Text]:
    """One variant: a curve of its metric and of its latency, then a row for each run."""
    colour = charts.colour(number)
    lines = [line((f"{charts.letter(number)} {name}", f"{STRONG} {colour}".strip()))]
    for title, value, words in (("metric", _metric, metric), ("p50 ms", _p50, three_digits)):
        lines += _curve(title, [value(_of(past, name)) for past in reversed(runs)], words, colour)
    rows = [[cell(title, FAINT) for title in _HEAD], *(_row(past, name, room) for past in runs)]
    right = [False, True, True, True, True, False]
    if not room:
        rows = [[*row[:_METRIC], *row[_METRIC + 1 :]] for row in rows]
        del right[_METRIC]
    return [*lines, *table(rows, right=right)]


def _curve(
    title: str,
    values: Sequence[float | None],
    words: Callable[[float], str],
    colour: str,
) -> list[Text]:
    """Draw values from the oldest to the newest, where two are known."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return []
    low, high = min(known), max(known)
    (drawn,) = curve(_spread(values), _CURVE_CELLS, style=colour, bounds=(low, high))
    ends = f"{words(low)} to {words(high)}" if low < high else words(low)
    return [line((f"  {title:<7} ", FAINT), drawn, f"  {ends}")]


def _spread(values: Sequence[float | None]) -> list[float | None]:
    """A few values over all columns of dots, each as wide as the others."""
    each = max(1, 2 * _CURVE_CELLS // len(values))
    return [value for value in values for _ in range(each)]


def _row(past: Past, name: str, room: bool) -> list[Text]:
    variant = _of(past, name)
    if variant is None:
        return [cell(past.day), cell("–", FAINT)]
    comparison = next((it for it in past.result.comparisons if it.variant == name), None)
    p50, accuracy = _p50(variant), variant.accuracy
    return [
        cell(past.day),
        cell(human_bytes(variant.size_bytes)),
        cell("" if p50 is None else three_digits(p50)),
        cell(metric(accuracy.value) if accuracy else ""),
        cell(_change(comparison, with_ends=room)),
        _verdict(variant, comparison),
    ]


def _change(comparison: Comparison | None, *, with_ends: bool) -> str:
    if comparison is None or comparison.accuracy_delta is None:
        return ""
    ends = comparison.accuracy_delta_ci95 if with_ends else None
    return change(comparison.accuracy_delta) + (f" ({interval(ends)})" if ends else "")


def _verdict(variant: Variant, comparison: Comparison | None) -> Text:
    if variant.baseline:
        return cell("baseline", FAINT)
    if comparison is None or comparison.verdict is None:
        return cell("")
    return VERDICTS[comparison.verdict].text


def _changes(runs: Sequence[Past], width: int) -> list[Text]:
    """What each run had other than the one before it, but for what it found out."""
    lines: list[Text] = []
    for newer, older in pairwise(runs):
        both = [(past.request, past.result) for past in (older, newer)]
        other = [it for it in differences(both[0], both[1]) if it.group != "results"]
        what = [f"{it.key}: {it.one} → {it.other}" for it in other] or ["as the one before"]
        for number, words in enumerate(what):
            lines += wrapped(words, width, lead=f"  {'' if number else newer.day:<11}  ")
    title = [line(), line(("Not as in the run before", STRONG))]
    return [*title, *lines] if lines else []


def _of(past: Past, name: str) -> Variant | None:
    return next((it for it in past.result.variants if it.name == name), None)


def _metric(variant: Variant | None) -> float | None:
    return variant.accuracy.value if variant and variant.accuracy else None


def _p50(variant: Variant | None) -> float | None:
    return variant.latency.p50_ms if variant and variant.latency else None
