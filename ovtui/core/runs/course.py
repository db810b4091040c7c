"""How far a whole run is, and what is left of it, as earlier runs of its recipe tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import mean
from typing import NamedTuple

from ovtui.core.results.result import Result
from ovtui.core.runs.run_progress import RunProgress, Stage, StageState
from ovtui.core.text.units import human_bytes, human_seconds

_LEAST_SHARE_LEFT = 0.05
"""Of a stage that takes longer than it took: it has not ended yet."""
_DONE = (StageState.DONE, StageState.CACHED)


class Course(NamedTuple):
    """How far a run is, over all its stages."""

    share: float
    """Done of their time, 0 to 1; it grows as time goes by, whatever the steps of a stage count."""
    left: float
    """Seconds until all are done."""


def took(earlier: Iterable[Result]) -> dict[str, float]:
    """Returns the seconds of each stage that was worked on, from the newest result that has it."""
    seconds: dict[str, float] = {}
    for result in earlier:
        for stage in result.stages:
            if not stage.cached:
                seconds.setdefault(stage.name, stage.seconds)
    return seconds


def course(progress: RunProgress, seconds: Mapping[str, float], now: float) -> Course | None:
    """Returns how far a run is.

    Args:
        progress: with the stages of its plan.
        seconds: what each stage took earlier; one that is not known takes their mean.
        now: seconds since the epoch.

    Returns:
        None where nothing is known of earlier runs: stages differ too much to be counted alike.
    """
    if not progress.stages or not any(seconds.values()):
        return None
    usual = mean(seconds.values())
    expected = [seconds.get(stage.name, usual) for stage in progress.stages]
    left = [
        whole * _share_left(stage, whole, now)
        for stage, whole in zip(progress.stages, expected, strict=True)
    ]
    return Course(1 - sum(left) / sum(expected), sum(left))


def _share_left(stage: Stage, expected: float, now: float) -> float:
    if stage.state in _DONE:
        return 0.0
    if stage.began is None or not expected:
        return 1.0
    return max(_LEAST_SHARE_LEFT, 1 - max(0.0, now - stage.began) / expected)


def estimate(earlier: Result) -> str:
    """Returns time, memory and disk of an earlier run, in one line."""
    seconds = sum(stage.seconds for stage in earlier.stages)
    peaks = [stage.peak_rss_bytes for stage in earlier.stages]
    peaks += [variant.peak_rss_bytes or 0 for variant in earlier.variants]
    disk = sum(variant.size_bytes for variant in earlier.variants if variant.path)
    cached = sum(stage.cached for stage in earlier.stages)
    text = f"{human_seconds(seconds)}, {human_bytes(max(peaks, default=0))} of memory, "
    text += f"{human_bytes(disk)} on disk"
    if cached:
        text += f" ({cached} of {len(earlier.stages)} stages were cached)"
    return text
