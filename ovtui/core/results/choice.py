"""Which of several compressed variants to take, and which one stands for a run in lists."""

from __future__ import annotations

from ovtui.core.results.result import Comparison, Result
from ovtui.core.results.variant import Variant
from ovtui.core.statistics.blocks import ratio_interval

_SAME = 1.005
"""A ratio below this is told as `1.00×`: no gain."""
_BEST_FIRST = ("pass", "not enough samples", "fail", None)


def candidates(result: Result) -> list[Comparison]:
    """Returns the comparisons of variants that were compressed, in the recipe's order."""
    compressed = {variant.name for variant in result.variants if variant.compressed}
    return [
        comparison
        for comparison in result.comparisons
        if comparison.variant in compressed and comparison.verdict
    ]


def choose(result: Result) -> Comparison | None:
    """Chooses the variant to take in place of the baseline, by a rule in four steps.

    1. Its verdict is `pass`, and no earlier variant's files calculate the same.
    2. It helps: its files are smaller than the baseline's, or it is faster at the same precision.
    3. It is the fastest in latency (throughput where that was not measured), or its time differs
       from the fastest's by no more than chance: the 95 % interval of their ratio holds 1.
    4. Of those the smallest; then the first in the recipe.

    Returns:
        Its comparison with the baseline; None where no variant is known to keep within max_drop,
        or none that does is any help.
    """
    variants = {variant.name: variant for variant in result.variants}
    passing = [candidate for candidate in candidates(result) if candidate.verdict == "pass"]
    helping = [
        comparison
        for comparison in passing
        if not variants[comparison.variant].same_files_as and helps(comparison)
    ]
    if not helping:
        return None
    fastest = max(helping, key=_speed)
    as_fast = [
        comparison
        for comparison in helping
        if _as_fast(variants[fastest.variant], variants[comparison.variant])
    ]
    return max(as_fast or [fastest], key=lambda it: it.compression or 0.0)


def helps(comparison: Comparison) -> bool:
    """Returns whether a variant is smaller than the baseline, or faster at the same precision.

    What was not measured is no reason against it.
    """
    gains = [comparison.compression, comparison.same_precision_speedup or comparison.speedup]
    known = [gain for gain in gains if gain is not None]
    return not known or any(gain >= _SAME for gain in known)


def taken(result: Result) -> Comparison | None:
    """Returns the variant that was chosen when the run ended; None where none was.

    For a result from before runs chose, it is chosen now.
    """
    if result.chosen is None:
        return choose(result)
    return next(
        (comparison for comparison in result.comparisons if comparison.variant == result.chosen),
        None,
    )


def headline(result: Result) -> Comparison | None:
    """Returns the comparison that stands for a run in lists; None where nothing was compared.

    It is that of the chosen variant. Where none was chosen, it is that of the compressed variant
    that comes nearest: with the better verdict, then the smaller loss. Of files that `bench`
    measured, it is that of the fastest.
    """
    if chosen := taken(result):
        return chosen
    if compared := candidates(result):
        return min(compared, key=lambda it: (_BEST_FIRST.index(it.verdict), _loss(result, it)))
    return max(result.comparisons, key=_speed, default=None)


def _speed(comparison: Comparison) -> float:
    return comparison.speedup or comparison.throughput_speedup or 0.0


def _as_fast(fastest: Variant, variant: Variant) -> bool:
    """Whether blocks measured in turn leave it open which of two is faster."""
    if fastest.name == variant.name:
        return True
    if fastest.latency and variant.latency:
        ours, theirs = variant.latency.blocks_p50_ms, fastest.latency.blocks_p50_ms
    elif fastest.throughput and variant.throughput:
        ours, theirs = fastest.throughput.blocks_per_second, variant.throughput.blocks_per_second
    else:
        return fastest.latency is None and fastest.throughput is None
    if not ours or len(ours) != len(theirs):
        return False
    ratio = ratio_interval(ours, theirs).interval
    return ratio is None or ratio.low <= 1


def _loss(result: Result, comparison: Comparison) -> float:
    """How much worse the metric got, in its units."""
    better = any(v.accuracy and v.accuracy.higher_is_better for v in result.variants)
    return (comparison.accuracy_delta or 0.0) * (-1 if better else 1)
