"""Two ways to execute the same, timed in turns."""

from __future__ import annotations

import math
import time
from typing import NamedTuple, Protocol

from ovtui.core.statistics.blocks import Ratio, percentile, ratio_interval

ROUNDS = 12
_LEAST_ROUNDS = 5
"""With fewer an interval of ratios says little."""
_ROUND_MS = 15.0
"""Of each, at least: a tick of the system's scheduler is 4 ms."""


class OutOfTime(Exception):
    """There is no time left to try a candidate in."""


class Timed(Protocol):
    """What can be done again and again."""

    def milliseconds(self, repeats: int = 1) -> float:
        """Does it so many times, and returns the time that one time takes."""


class Race(NamedTuple):
    """How it went."""

    one_ms: float
    """Median of the rounds."""
    other_ms: float
    ratio: Ratio
    """One's time over the other's: above 1 where the other is faster."""

    @property
    def is_faster(self) -> bool:
        """Whether the other is faster beyond the noise: the interval lies above 1."""
        return self.ratio.interval is not None and self.ratio.interval[0] > 1.0


def race(one: Timed, other: Timed, until: float) -> Race:
    """Times both in rounds, and who begins changes from round to round.

    It ends early where the other is slower beyond the noise. It does not where it is faster: who
    stops as soon as a difference shows believes too many.

    Args:
        one: the champion.
        other: the challenger.
        until: a moment of `time.monotonic`; no round begins after it.

    Raises:
        OutOfTime: it passed before there were rounds enough for an interval.
    """
    repeats = math.ceil(_ROUND_MS / max(one.milliseconds(), 0.001))
    for timed in (other, one):
        timed.milliseconds(repeats)  # both are warm now
    ones: list[float] = []
    others: list[float] = []
    while len(ones) < ROUNDS:
        enough = len(ones) >= _LEAST_ROUNDS
        if time.monotonic() > until:
            if enough:
                break
            raise OutOfTime
        if enough and _is_slower(ones, others):
            break
        order = [(one, ones), (other, others)]
        for timed, times in order if len(ones) % 2 else reversed(order):
            timed.milliseconds()  # the other one had the caches
            times.append(timed.milliseconds(repeats))
    one_ms, other_ms = (percentile(sorted(times), 50) for times in (ones, others))
    return Race(one_ms, other_ms, ratio_interval(ones, others))


def _is_slower(ones: list[float], others: list[float]) -> bool:
    interval = ratio_interval(ones, others).interval
    return interval is not None and interval[1] < 1.0


def seconds_of(timed: Timed) -> float:
    """Returns how long the shortest race takes against one that is as fast."""
    once = timed.milliseconds()
    return 2 * (_LEAST_ROUNDS + 1) * (once + max(_ROUND_MS, once)) / 1000
