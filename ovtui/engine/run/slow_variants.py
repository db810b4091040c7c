"""The operations of a run's variants, kept beside its result; why a variant is hardly faster."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ovtui.core.machine import devices
from ovtui.core.results import operations
from ovtui.core.results.operations import GraphProfile, Operations, is_slowed
from ovtui.core.results.result import Comparison, Result
from ovtui.core.results.slow_reason import FAST_ENOUGH
from ovtui.core.results.variant import Variant
from ovtui.core.results.why_slow import slow_reason
from ovtui.core.runs.run_folder import Run
from ovtui.engine.measuring.memory_speed import memory_speed


def keep_operations(
    run: Run, profiles: Mapping[str, list[GraphProfile]], device: str
) -> Operations:
    """Writes what each operation took to the run's folder, with what the memory does, and returns
    both.

    Args:
        run: whose folder.
        profiles: by variant; nothing is written where there are none.
        device: where they were executed; only a CPU has the memory that is measured.
    """
    if not profiles:
        return Operations(variants={})
    memory = memory_speed() if devices.family(device) == "CPU" else None
    kept = Operations(variants=dict(profiles), memory=memory)
    operations.write(run.folder, kept)
    return kept


def with_slow_reasons(result: Result, kept: Operations) -> Result:
    """Returns a result that tells of each compressed variant that is hardly faster, why.

    Args:
        result: of a run.
        kept: the operations of its variants.
    """
    variants = {variant.name: variant for variant in result.variants}
    comparisons = [
        _with_reason(comparison, variants, kept, result.machine.isa)
        for comparison in result.comparisons
    ]
    return msgspec.structs.replace(result, comparisons=comparisons)


def _with_reason(
    comparison: Comparison, variants: Mapping[str, Variant], kept: Operations, isa: list[str]
) -> Comparison:
    """The comparison with a reason, unless times that contradict the latency would give it."""
    variant = variants[comparison.variant]
    speedup, profiles = comparison.speedup_alike, kept.variants
    names = {comparison.alike, variant.name}
    known = names <= set(profiles) and not any(
        is_slowed(profiles[name], latency.p50_ms if (latency := variants[name].latency) else None)
        for name in names
    )
    if speedup is None or speedup >= FAST_ENOUGH or not known or not _is_compressed(variant):
        return comparison
    profiled = _no_longer_than_measured(profiles[variant.name], variant)
    reason = slow_reason(profiles[comparison.alike], profiled, kept.memory, isa)
    return msgspec.structs.replace(comparison, slow_reason=reason)


def _no_longer_than_measured(profiles: list[GraphProfile], variant: Variant) -> list[GraphProfile]:
    """Profiles whose inference takes no more than the shortest of the measurement, of a graph.

    A profile is of half a second: on a busy machine each of its inferences may have waited for a
    core, and what it waited would be told as a cost of the model's.
    """
    if variant.latency is None or len(profiles) != 1:
        return profiles
    (profile,) = profiles
    shortest = min(profile.milliseconds, variant.latency.min_ms)
    return [msgspec.structs.replace(profile, milliseconds=shortest)]


def _is_compressed(variant: Variant) -> bool:
    """Whether it is by its recipe; or a file that is measured runs so."""
    precisions = variant.executed_precision
    return variant.compressed or any(it == "i8" or "/w" in it for it in precisions)
