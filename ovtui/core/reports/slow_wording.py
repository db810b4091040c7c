"""Why a compressed variant is hardly faster, in one sentence."""

from __future__ import annotations

from ovtui.core.reports.numbers import percent
from ovtui.core.results.slow_reason import SlowReason
from ovtui.core.text.units import three_digits


def slow_sentence(reason: SlowReason) -> str:
    """Returns why a variant is hardly faster; names of operations in it are foreign text."""
    share, taken = percent(reason.share), f"{three_digits(reason.milliseconds)} ms"
    match reason.why:
        case "no int8":
            return "the device has no INT8: all of it is calculated in floating point"
        case "fixed cost":
            return (
                f"the model is too small beside the fixed cost of an inference: {share} of its "
                f"time, {taken}, are in no operation"
            )
        case "floating point":
            return (
                f"{share} of its time are in operations that stayed in floating point: "
                f"{_kinds(reason)}"
            )
        case "conversions":
            return (
                f"{share} of its time, {taken}, are {reason.count:g} conversions between "
                f"precisions that the baseline does without: {_kinds(reason)}"
            )
        case "memory":
            return _of_memory(reason)
        case "int8 kernels":
            return _of_kernels(reason)


def _of_memory(reason: SlowReason) -> str:
    moved, does = reason.bytes_per_second or 0.0, reason.memory_bytes_per_second or 0.0
    return (
        f"{percent(reason.share)} of its time are in operations that wait for memory: they move "
        f"{three_digits(moved / 1e9)} GB/s where it does {three_digits(does / 1e9)} GB/s: "
        f"{_kinds(reason)}"
    )


def _of_kernels(reason: SlowReason) -> str:
    before = three_digits(reason.baseline_ms or 0.0)
    lacks = "; this processor has no INT8 dot product (VNNI)" * reason.no_dot_product
    return (
        f"{percent(reason.share)} of its time are in INT8 kernels that are hardly faster here, or "
        f"slower, than those of floating point: {before} → {three_digits(reason.milliseconds)} ms, "
        f"{_kinds(reason)}{lacks}"
    )


def _kinds(reason: SlowReason) -> str:
    """The kinds of operations with their shares of the variant's time."""
    return ", ".join(f"{kind} {percent(share)}" for kind, share in reason.operations.items())
