"""A reason for a variant that is hardly faster; none from times that contradict its latency."""

from __future__ import annotations

import msgspec

from ovtui.core.results.operations import Operations
from ovtui.core.results.result import Result
from ovtui.engine.run.slow_variants import with_slow_reasons
from tests.support.sample_operations import sample_operations, with_latency
from tests.support.sample_result import sample_result


def _told(result: Result, kept: Operations) -> list[str]:
    """The variants that a reason is told of."""
    told = with_slow_reasons(result, kept).comparisons
    return [it.variant for it in told if it.slow_reason is not None]


def _hardly_faster() -> Result:
    result = sample_result()
    slow = [
        msgspec.structs.replace(it, speedup=1.1, same_precision_speedup=1.1)
        for it in result.comparisons
    ]
    return msgspec.structs.replace(result, comparisons=slow)


def test_a_reason_is_told_unless_the_profile_contradicts_the_latency() -> None:
    kept = sample_operations()
    assert "int8" in _told(with_latency(_hardly_faster(), 10.0), kept)
    assert _told(with_latency(_hardly_faster(), 0.001), kept) == []


def test_what_inferences_waited_for_on_a_busy_machine_is_no_fixed_cost() -> None:
    """Profiled in 5 ms with 2.2 ms of operations; the shortest inference measured took as long."""
    kept = sample_operations()
    waited = [msgspec.structs.replace(it, milliseconds=5.0) for it in kept.variants["int8"]]
    busy = msgspec.structs.replace(kept, variants=kept.variants | {"int8": waited})
    for shortest, why in ((4.9, "fixed cost"), (2.2, "floating point")):
        result = with_latency(_hardly_faster(), 5.0, shortest)
        told = with_slow_reasons(result, busy).comparisons
        (reason,) = [it.slow_reason for it in told if it.variant == "int8"]
        assert reason is not None and reason.why == why


def test_no_reason_is_told_of_a_variant_that_is_fast_enough() -> None:
    assert _told(sample_result(), sample_operations()) == []
