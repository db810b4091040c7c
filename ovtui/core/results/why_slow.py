"""Finds why a compressed variant is hardly faster than the baseline: what costs it most time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from ovtui.core.results.operation_pairs import Pair, pairs
from ovtui.core.results.operation_rows import largest
from ovtui.core.results.operations import GraphProfile, Memory, Operation
from ovtui.core.results.slow_reason import FAST_ENOUGH, SlowReason, Why

_INTEGERS = ("i8", "i4", "i16")
_INDICES = ("i32", "i64", "u32", "boolean")
"""What ids and shapes are computed in."""
_DOT_PRODUCTS = {"avx512_vnni", "avx_vnni", "amx_int8", "dotprod", "i8mm"}
"""Vector extensions that multiply and add up 8-bit values in one instruction."""
_WAITS = 0.6
"""Share of what the memory does at which an operation waits for it: what it reads counts alike,
though copies, which that was measured by, write as much."""
_NAMED = 3


class _Spent(NamedTuple):
    operation: Operation
    milliseconds: float
    """For one sample, of all calls."""


def slow_reason(
    baseline: Sequence[GraphProfile],
    variant: Sequence[GraphProfile],
    memory: Memory | None,
    isa: Sequence[str],
) -> SlowReason | None:
    """Returns what takes most of a variant's time of all that compression does not make faster.

    Each operation counts for one reason at most: as a conversion, as waiting for memory, as
    calculated in floating point, or as of a kind that gains less than `FAST_ENOUGH` in INT8.

    Args:
        baseline: a profile for each component, in the variant's precision of floating point.
        variant: likewise.
        memory: what the memory does, where that bounds the device.
        isa: vector extensions of the processor; empty where they are not known.

    Returns:
        None where nothing is known, or all of the time is in INT8 kernels that are faster.
    """
    matched = pairs(baseline, variant)
    total = sum(max(it.milliseconds, it.operations_ms) * it.calls for it in variant)
    if not matched or not total:
        return None
    capabilities = {name for profile in variant for name in profile.capabilities}
    if capabilities and "INT8" not in capabilities:
        return SlowReason(why="no int8", share=1.0, milliseconds=total)
    spent = _by_reason(matched, variant, memory)
    reasons = [_reason(why, those, total) for why, those in spent.items() if those]
    outside = _certainly_outside_ms(variant)
    reasons.append(SlowReason(why="fixed cost", share=outside / total, milliseconds=outside))
    most = max(reasons, key=lambda reason: reason.share)
    if not most.share:
        return None
    match most.why:
        case "memory" if memory is not None:
            return _with_bytes(most, spent["memory"], memory)
        case "int8 kernels":
            return _beside_baseline(most, spent["int8 kernels"], matched, isa)
    return most


def _certainly_outside_ms(profiles: Sequence[GraphProfile]) -> float:
    """The ms of one sample in no operation: a device tells whole microseconds, and drops the rest
    of each of hundreds.
    """
    return sum(
        max(0.0, it.outside_ms - (len(it.operations) + it.left_out) / 1000) * it.calls
        for it in profiles
    )


def _by_reason(
    matched: Sequence[Pair], variant: Sequence[GraphProfile], memory: Memory | None
) -> dict[Why, list[_Spent]]:
    spent: dict[Why, list[_Spent]] = {
        "conversions": [], "memory": [], "floating point": [], "int8 kernels": []
    }  # fmt: skip
    cache = memory.cache_bytes if memory else 0.0
    weights = {
        profile.component: sum(it.weight_bytes for it in profile.operations) > cache
        for profile in variant
    }
    slow = _slow_kinds(matched)
    for pair in matched:
        spent["conversions"] += [_for_a_sample(it, pair) for it in pair.conversions]
        for operation in pair.variant:
            moved = _moved(operation, cache, from_memory=weights[pair.component])
            is_slow = operation.kind in slow and operation.kind in _int8_kinds(pair)
            why = _why(operation, moved, memory, is_slow=is_slow)
            if why is not None:
                spent[why].append(_for_a_sample(operation, pair))
    return spent


def _int8_kinds(pair: Pair) -> set[str]:
    """Kinds of operations that both do, the variant in INT8: kernel against kernel."""
    before = {it.kind for it in pair.baseline}
    return {it.kind for it in pair.variant if it.precision in _INTEGERS and it.kind in before}


def _slow_kinds(matched: Sequence[Pair]) -> set[str]:
    """Kinds that are hardly faster in INT8, summed up: single operations vary by chance."""
    before: dict[str, float] = {}
    after: dict[str, float] = {}
    for pair in matched:
        for kind in _int8_kinds(pair):
            before[kind] = before.get(kind, 0.0) + pair.baseline_ms
            after[kind] = after.get(kind, 0.0) + pair.variant_ms - pair.conversions_ms
    return {kind for kind in before if before[kind] < FAST_ENOUGH * after[kind]}


def _why(operation: Operation, moved: float, memory: Memory | None, *, is_slow: bool) -> Why | None:
    """What keeps an operation from being faster; None of one that is, and of indices."""
    seconds = operation.microseconds / 1e6
    if memory and seconds and moved / seconds >= _WAITS * memory.bytes_per_second:
        return "memory"
    if operation.precision in _INTEGERS:
        return "int8 kernels" if is_slow else None
    return None if operation.precision in _INDICES else "floating point"


def _moved(operation: Operation, cache: float, *, from_memory: bool) -> float:
    """Bytes that come from memory, or go there: no more than the cache holds stays in it."""
    weights = operation.weight_bytes if from_memory else 0.0
    activations = operation.activation_bytes
    return weights + (activations if activations > cache else 0.0)


def _for_a_sample(operation: Operation, pair: Pair) -> _Spent:
    return _Spent(operation, operation.microseconds / 1000 * pair.calls)


def _reason(why: Why, spent: Sequence[_Spent], total: float) -> SlowReason:
    kinds: dict[str, float] = {}
    for operation, milliseconds in spent:
        kinds[operation.kind] = kinds.get(operation.kind, 0.0) + milliseconds / total
    taken = _sum(spent)
    return SlowReason(
        why=why,
        share=taken / total,
        milliseconds=taken,
        operations=_named(kinds),
        count=len(spent) if why == "conversions" else 0,
    )


def _named(kinds: Mapping[str, float]) -> dict[str, float]:
    return {kind: kinds[kind] for kind in largest(kinds, _NAMED)}


def _sum(spent: Iterable[_Spent]) -> float:
    return sum(it.milliseconds for it in spent)


def _with_bytes(reason: SlowReason, spent: Sequence[_Spent], memory: Memory) -> SlowReason:
    moved = sum(it.operation.weight_bytes + it.operation.activation_bytes for it in spent)
    seconds = sum(it.operation.microseconds for it in spent) / 1e6
    return msgspec.structs.replace(
        reason,
        bytes_per_second=moved / seconds,
        memory_bytes_per_second=memory.bytes_per_second,
    )


def _beside_baseline(
    reason: SlowReason, spent: Sequence[_Spent], matched: Sequence[Pair], isa: Sequence[str]
) -> SlowReason:
    slow = {id(it.operation) for it in spent}
    theirs = [pair for pair in matched if any(id(it) in slow for it in pair.variant)]
    return msgspec.structs.replace(
        reason,
        baseline_ms=sum(pair.baseline_ms for pair in theirs),
        no_dot_product=bool(isa) and _DOT_PRODUCTS.isdisjoint(isa),
    )
