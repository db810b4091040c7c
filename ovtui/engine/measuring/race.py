"""Two ways to execute a component, timed in turns."""

from __future__ import annotations

import math
import time
from typing import NamedTuple

from ovtui.core.statistics.blocks import Ratio, percentile, ratio_interval
from ovtui.engine.measuring.replay import Replay

ROUNDS = 12
_LEAST_ROUNDS = 5
"""With fewer an interval of ratios says little."""
_ROUND_MS = 15.0
"""Of each, at least: a tick of the system's scheduler is 4 ms."""


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


def race(one: Replay, other: Replay, until: float) -> Race:
    """Times both in rounds, and who begins changes from round to round.

    It ends early where the other is slower beyond the noise. It does not where it is faster: who
    stops as soon as a difference shows believes too many.

    Args:
        one: the champion.
        other: the challenger.
        until: a moment of `time.monotonic`; no round but the least begins after it.
    """
    repeats = math.ceil(_ROUND_MS / max(one.milliseconds(), 0.001))
    for replay in (other, one):
        replay.milliseconds(repeats)  # both are warm now
    ones: list[float] = []
    others: list[float] = []
    while len(ones) < ROUNDS:
        if len(ones) >= _LEAST_ROUNDS and (time.monotonic() > until or _is_slower(ones, others)):
            break
        order = [(one, ones), (other, others)]
        for replay, times in order if len(ones) % 2 else reversed(order):
            replay.milliseconds()  # the other one had the caches
            times.append(replay.milliseconds(repeats))
    one_ms, other_ms = (percentile(sorted(times), 50) for times in (ones, others))
    return Race(one_ms, other_ms, ratio_interval(ones, others))


def _is_slower(ones: list[float], others: list[float]) -> bool:
    interval = ratio_interval(ones, others).interval
    return interval is not None and interval[1] < 1.0


def seconds_of(replay: Replay) -> float:
    """Returns how long the shortest race takes against one that is as fast."""
    once = replay.milliseconds()
    return 2 * (_LEAST_ROUNDS + 1) * (once + max(_ROUND_MS, once)) / 1000
