"""A variant's operations beside the baseline's, matched by what they do of the model's file.

A device fuses what it can, and fuses a compressed model otherwise than the model itself: one
kernel for an attention may become ten. So what is compared are the smallest groups that do the
same operations of the file on both sides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ovtui.core.results.operations import GraphProfile, Operation

_SCALED_BACK = "/Dequantization"
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Pair:
    """What both models do, or one alone; milliseconds are of all calls for one sample."""

    component: str
    calls: float
    """Of the variant's graph, for one sample."""
    baseline_calls: float
    baseline: tuple[Operation, ...]
    variant: tuple[Operation, ...]
    conversions: tuple[Operation, ...]
    """What the variant converts for them, which the baseline does not."""
    baseline_ms: float
    variant_ms: float
    """With the conversions."""
    conversions_ms: float

    @property
    def gain(self) -> float | None:
        """Time of the baseline over the variant's; None where one of them has none."""
        return self.baseline_ms / self.variant_ms if self.baseline_ms and self.variant_ms else None

    @property
    def module(self) -> str:
        """The module of the model that all of this is in, as in `encoder.layer.0.attention`."""
        return common_module(name for it in self.baseline or self.variant for name in it.fused)


def pairs(baseline: Sequence[GraphProfile], variant: Sequence[GraphProfile]) -> list[Pair]:
    """Returns what a variant does beside what the baseline does, in the order of execution.

    Args:
        baseline: a profile for each component.
        variant: likewise; components that the baseline does not have are left out.
    """
    before = {profile.component: profile for profile in baseline}
    return [
        pair
        for after in variant
        if after.component in before
        for pair in _pairs_of(before[after.component], after)
    ]


def _pairs_of(before: GraphProfile, after: GraphProfile) -> Iterator[Pair]:
    known = {name for operation in before.operations for name in _names(operation)}
    converts = [known.isdisjoint(_names(it)) and _converts(it) for it in after.operations]
    consumers = _consumers(after.operations, converts)
    conversions: dict[int, list[Operation]] = {}
    for place, consumer in consumers.items():
        conversions.setdefault(consumer, []).append(after.operations[place])
    done = [place for place in range(len(after.operations)) if place not in consumers]
    given = _given_names(after.operations)
    names = [*_given_names(before.operations), *(given[place] for place in done)]
    count = len(before.operations)
    for members in _sharing(names):
        places = [done[it - count] for it in members if it >= count]
        ours = tuple(before.operations[it] for it in members if it < count)
        theirs = tuple(after.operations[place] for place in places)
        between = tuple(it for place in places for it in conversions.get(place, ()))
        yield _pair(before, after, (ours, theirs, between))


def _pair(
    before: GraphProfile, after: GraphProfile, members: tuple[tuple[Operation, ...], ...]
) -> Pair:
    ours, theirs, conversions = members
    converting = _milliseconds(conversions) * after.calls
    return Pair(
        component=after.component,
        calls=after.calls,
        baseline_calls=before.calls,
        baseline=ours,
        variant=theirs,
        conversions=conversions,
        baseline_ms=_milliseconds(ours) * before.calls,
        variant_ms=_milliseconds(theirs) * after.calls + converting,
        conversions_ms=converting,
    )


def _milliseconds(operations: Iterable[Operation]) -> float:
    return sum(operation.microseconds for operation in operations) / 1000


def _names(operation: Operation) -> list[str]:
    """What it does of the model's file; OpenVINO names what is left of a quantized operation after
    how it is scaled back, as in `head/MatMul/DequantizationMultiply`.
    """
    return [name.partition(_SCALED_BACK)[0] for name in operation.fused]


def _given_names(operations: Sequence[Operation]) -> list[list[str]]:
    """The names of each; what a device has put in is named after what it is for."""
    names = [_names(operation) for operation in operations]
    for place in reversed(range(len(operations))):
        for source in operations[place].reads:
            if 0 <= source < place and not names[source]:
                names[source] = names[place]
    for place, operation in enumerate(operations):
        if not names[place] and operation.reads and 0 <= operation.reads[0] < place:
            names[place] = names[operation.reads[0]]
    return names


def _converts(operation: Operation) -> bool:
    """Whether it writes what it is given in another precision; in another layout is no matter."""
    return bool(operation.takes and operation.gives) and operation.takes != operation.gives


def _consumers(operations: Sequence[Operation], converts: Sequence[bool]) -> dict[int, int]:
    """For each conversion, by its position, the operation that it is for.

    What no operation reads, as the last one before an output, is for the one that it reads.
    """
    consumers: dict[int, int] = {}
    for place in reversed(range(len(operations))):
        consumer = consumers.get(place) if converts[place] else place
        for source in operations[place].reads:
            if consumer is not None and 0 <= source < place and converts[source]:
                consumers[source] = consumer
    for place, converting in enumerate(converts):
        sources = [it for it in operations[place].reads if 0 <= it < place]
        if converting and place not in consumers and sources:
            consumers[place] = consumers.get(sources[0], sources[0])
    return consumers


def _sharing(names: Sequence[Sequence[str]]) -> list[list[int]]:
    """Positions of lists that have a name in common, directly or by others; by their first ones."""
    leader = list(range(len(names)))

    def first_of(place: int) -> int:
        while leader[place] != place:
            leader[place] = place = leader[leader[place]]
        return place

    seen: dict[str, int] = {}
    for place, those in enumerate(names):
        for name in those:
            one, other = sorted((first_of(seen.setdefault(name, place)), first_of(place)))
            leader[other] = one
    groups: dict[int, list[int]] = {}
    for place in range(len(names)):
        groups.setdefault(first_of(place), []).append(place)
    return list(groups.values())


def common_module(names: Iterable[str]) -> str:
    """Returns the module that operations have in common; empty where they have none.

    Args:
        names: as a converted model has them: `__module.layers.0.q/aten::linear/Add` of PyTorch,
            `/layers.0/q/MatMul` of ONNX. Those without a module, which a device has made up, do
            not count.
    """
    paths = [path for name in names if (path := _path(name))]
    shared: list[str] = []
    for parts in zip(*paths, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return ".".join(shared)


def _path(name: str) -> list[str]:
    modules, aten, _ = name.partition("/aten::")
    if not aten:
        modules = name.strip("/").rpartition("/")[0]
    parts = modules.replace("/", ".").split(".")
    return [part for part in parts if part and part not in ("__module", "self")]


def first_name(operations: Sequence[Operation]) -> str:
    """Returns what the model calls the operation of the most time; one that is in a module where
    there is one.
    """
    longest = max(operations, key=lambda it: it.microseconds)
    names = [*longest.fused, longest.name]
    return next((name for name in names if _path(name)), names[0])


def repeated(module: str) -> str:
    """Returns a module with its numbers left open: `layers.*.q` for `layers.3.q`."""
    return ".".join("*" if _NUMBER.fullmatch(part) else part for part in module.split("."))
