"""What a run will take, as an earlier run of the same recipe tells."""

from __future__ import annotations

from ovtui.core.result import Result
from ovtui.core.text import human_bytes, human_seconds


def estimate(earlier: Result) -> str:
    """Time, memory and disk of an earlier run, in one line."""
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
