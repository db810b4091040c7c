"""A sweep as heat maps of exact rates, and its best point in words; not yet safe to print."""

from __future__ import annotations

from typing import NamedTuple

from ovtui.core.reports.table import ABSENT, Column
from ovtui.core.results.result import Result
from ovtui.core.results.sweep import Setting, Sweep, SweepPoint, values_of
from ovtui.core.results.variant import Variant
from ovtui.core.text.units import three_digits

SHADES = " ░▒▓█"
"""From the lowest rate of a result to its highest."""
_BEST, _TOO_SLOW = "*", "!"


class HeatCell(NamedTuple):
    """Samples a second at one setting."""

    text: str
    share: float | None
    """Of the highest rate of all variants, 0 to 1; None where it was not measured."""

    @property
    def shaded(self) -> str:
        """The text behind a character that tells the share, for screens without colours."""
        if self.share is None:
            return self.text
        return f"{SHADES[round(self.share * (len(SHADES) - 1))]} {self.text}"


class HeatMap(NamedTuple):
    """A variant's rates: a row for each batch, a column for each number of streams."""

    title: str
    columns: list[Column]
    rows: list[tuple[str, list[HeatCell]]]
    """The batch, and a cell for each further column."""
    notes: list[str]
    """What the marks mean, and why a setting was not measured."""


def heat_maps(result: Result, of: str | None = None) -> list[HeatMap]:
    """Returns a map for each variant that was swept, and each number of threads.

    Args:
        result: of a run; all of its maps have one scale.
        of: the variant whose maps are wanted; all when None.
    """
    swept = [(variant, sweep) for variant in result.variants if (sweep := variant.sweep)]
    rates = [point.samples_per_second for _, sweep in swept for point in sweep.points]
    return [
        _map(variant, sweep, threads, max(rates, default=1.0))
        for variant, sweep in swept
        if of in (None, variant.name)
        for threads in values_of(sweep, lambda setting: setting.threads)
    ]


def _map(variant: Variant, sweep: Sweep, threads: int | None, highest: float) -> HeatMap:
    points = {point.setting: point for point in sweep.points}
    streams = values_of(sweep, lambda setting: setting.streams)
    batches = values_of(sweep, lambda setting: setting.batch)
    of_threads = "" if threads is None else f", {_counted(threads, 'thread')}"
    rows = []
    for batch in batches:
        settings = [Setting(streams=s or 1, batch=batch or 1, threads=threads) for s in streams]
        rows.append((f"batch {batch}", [_cell(points.get(it), sweep, highest) for it in settings]))
    refused = [
        f"{in_words(it.setting)}: {it.why}" for it in sweep.refused if it.setting.threads == threads
    ]
    return HeatMap(
        f"{variant.name}: samples a second by streams and batch{of_threads}",
        [Column(""), *(Column(_counted(count or 1, "stream"), numeric=True) for count in streams)],
        rows,
        [*_meaning(sweep), *refused],
    )


def _cell(point: SweepPoint | None, sweep: Sweep, highest: float) -> HeatCell:
    if point is None:
        return HeatCell(ABSENT, None)
    mark = _BEST if point is sweep.best else " " if sweep.allows(point) else _TOO_SLOW
    rate = three_digits(point.samples_per_second)
    return HeatCell(f"{rate}{mark}", point.samples_per_second / highest)


def _meaning(sweep: Sweep) -> list[str]:
    meaning = [f"{_BEST} best: {in_words(sweep.best.setting)}"] if sweep.best else []
    if not all(map(sweep.allows, sweep.points)):
        slow = f"{_TOO_SLOW} more than one request in ten takes longer than {_limit(sweep)}"
        meaning.append(slow)
    return meaning


def best_point(sweep: Sweep) -> str:
    """Returns the best setting with its rate, its requests' time, and which may be as good."""
    best, rivals = sweep.best, sweep.rivals
    if best is None:
        quickest = min(sweep.points, key=lambda point: point.p90_ms, default=None)
        if quickest is None:
            return "no setting could be measured"
        return (
            f"no setting keeps {_limit(sweep)}: the quickest, {in_words(quickest.setting)}, has a "
            f"p90 of {three_digits(quickest.p90_ms)} ms"
        )
    low, high = map(three_digits, best.interval)
    text = (
        f"best at {in_words(best.setting)}: {three_digits(best.samples_per_second)} samples "
        f"a second (95 % CI {low}–{high}), requests p50 "
        f"{three_digits(best.p50_ms)} ms, p90 {three_digits(best.p90_ms)} ms"
    )
    if sweep.latency_ms is not None:
        text += f" of {_limit(sweep)} allowed"
    if rivals:
        named = ", ".join(in_words(point.setting) for point in rivals[:3])
        more = f" and {len(rivals) - 3} more" if len(rivals) > 3 else ""
        text += f"; within its interval: {named}{more}"
    return text


def in_words(setting: Setting) -> str:
    """Returns a setting as in `2 streams, batch 8, 4 threads`."""
    parts = [_counted(setting.streams, "stream"), f"batch {setting.batch}"]
    if setting.threads is not None:
        parts.append(_counted(setting.threads, "thread"))
    return ", ".join(parts)


def _limit(sweep: Sweep) -> str:
    return f"{three_digits(sweep.latency_ms or 0.0)} ms"


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'s' * (count != 1)}"
