"""Throughput over streams, samples in a request and threads, and the best point of these."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ovtui.core.statistics.blocks import median_interval
from ovtui.core.statistics.intervals import Interval


class Setting(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a point of a sweep is executed with."""

    streams: int
    batch: int
    """Samples in a request."""
    threads: int | None = None
    """None: as many as the device takes by itself."""


class SweepPoint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Samples (not inferences) a second at one setting, and how long its requests took."""

    setting: Setting
    samples_per_second: float
    p50_ms: float
    """Of a request from its start to its end, all of its samples together."""
    p90_ms: float
    requests: int
    """In parallel."""
    seconds: float
    blocks_per_second: list[float] = []

    @property
    def interval(self) -> Interval:
        """The 95 % interval of the rate, from those of its blocks."""
        own = self.samples_per_second
        return median_interval(self.blocks_per_second or [own]) or Interval(own, own)


class RefusedPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A setting that could not be measured."""

    setting: Setting
    why: str


class Sweep(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All settings of a variant that were tried."""

    points: list[SweepPoint]
    refused: list[RefusedPoint] = []
    latency_ms: float | None = None
    """The limit that nine of ten requests have to keep; None where there is none."""

    def allows(self, point: SweepPoint) -> bool:
        """Returns whether the requests of a point are quick enough."""
        return self.latency_ms is None or point.p90_ms <= self.latency_ms

    @property
    def best(self) -> SweepPoint | None:
        """The highest rate of those within the limit; None where none is."""
        allowed = filter(self.allows, self.points)
        return max(allowed, key=lambda point: point.samples_per_second, default=None)

    @property
    def rivals(self) -> list[SweepPoint]:
        """Points within the limit that may be as good as the best: their intervals overlap."""
        best = self.best
        if best is None:
            return []
        return [
            point
            for point in self.points
            if point is not best and self.allows(point) and point.interval[1] >= best.interval[0]
        ]


def values_of(sweep: Sweep, of: Callable[[Setting], int | None]) -> list[int | None]:
    """Returns the different values of a part of the settings, in ascending order; None first.

    Args:
        sweep: with the points that were measured and those that were refused.
        of: reads the part, such as the streams.
    """
    settings = [point.setting for point in sweep.points]
    settings += [point.setting for point in sweep.refused]
    return sorted(set(map(of, settings)), key=lambda value: value or 0)
