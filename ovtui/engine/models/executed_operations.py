"""The operations of a compiled model: what each took, in which kernel, and what it moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import NamedTuple

import openvino as ov
from msgspec import structs

from ovtui.core.results.operations import GraphProfile, Operation
from ovtui.engine.models.executed_precision import executed_in, short_name

MOST = 2000
"""Operations of a graph that are kept: BERT-base has 300, a decoder with its cache 1000."""
_MOST_NAMES, _LONGEST_NAME = 64, 300
_TABLES = {"Gather", "GatherND", "EmbeddingBag", "EmbeddingBagPackedSum"}
"""They read a few rows of a constant."""


class Taken(NamedTuple):
    """The inferences that a profile is of."""

    milliseconds: Sequence[float]
    """Of each."""
    calls: float = 1.0
    """For one sample."""
    before: int = 0
    """Inferences before them, where those are known. They are not to count: the first one takes up
    to a hundred times as long, and a device tells averages of all alone."""
    before_us: Sequence[float] = ()
    """What each operation took of one of those, on average."""


def microseconds_of(compiled: ov.CompiledModel) -> list[float]:
    """Returns what each operation takes of an inference, in the order of execution; nothing of a
    device that does not tell.
    """
    return [operation.microseconds for operation in _operations(compiled)]


def profile_of(compiled: ov.CompiledModel, component: str, taken: Taken) -> GraphProfile | None:
    """Returns what the operations of a compiled model took; None of a device that does not tell.

    Args:
        compiled: was compiled with `counting`, and has inferred one request at a time.
        component: the part of the model that it is.
        taken: the inferences.
    """
    operations = _without_earlier(_operations(compiled), taken)
    if not operations:
        return None
    kept = _longest(operations)
    left_out = sum(it.microseconds for it in operations) - sum(it.microseconds for it in kept)
    return GraphProfile(
        component=component,
        milliseconds=min(taken.milliseconds),
        calls=taken.calls,
        operations=kept,
        left_out=len(operations) - len(kept),
        left_out_us=max(0.0, left_out),
        capabilities=_capabilities(compiled),
    )


def _operations(compiled: ov.CompiledModel) -> list[Operation]:
    try:
        return operations_of(compiled.get_runtime_model().get_ordered_ops())
    except RuntimeError:
        return []


def _without_earlier(operations: list[Operation], taken: Taken) -> list[Operation]:
    """The averages of the inferences alone that are meant; as they are where others came before."""
    if len(operations) != len(taken.before_us):
        return operations
    weight = taken.before / len(taken.milliseconds)
    return [
        structs.replace(
            it, microseconds=max(0.0, it.microseconds + weight * (it.microseconds - before))
        )
        for it, before in zip(operations, taken.before_us, strict=True)
    ]


def operations_of(nodes: Iterable[ov.Node]) -> list[Operation]:
    """Returns the operations that were executed, of a runtime graph in the order of execution.

    Args:
        nodes: of the runtime graph; what took less than a microsecond has 0.
    """
    given: dict[str, set[int]] = {}
    """By the node's name: the operations that it is given something by, or passes on."""
    operations: list[Operation] = []
    for node in nodes:
        info = {key: value.astype(str) for key, value in node.rt_info.items()}
        name = node.get_friendly_name()
        sources = [source.get_node() for source in node.input_values()]
        before = set().union(*(given.get(it.get_friendly_name(), set()) for it in sources))
        if not info.get("execTimeMcs", "").isdigit():  # "not_executed": a view of what is before
            given[name] = before
            continue
        given[name] = {len(operations)}
        operations.append(_operation(node, info, sorted(before)))
    return operations


def _operation(node: ov.Node, info: Mapping[str, str], reads: list[int]) -> Operation:
    kind = info.get("layerType") or node.get_type_name()
    inputs = node.input_values()
    constants = [it for it in inputs if _is_constant(it)]
    activations = [it for it in inputs if not _is_constant(it)]
    names = [it for it in info.get("originalLayersNames", "").split(",") if it]
    return Operation(
        name=node.get_friendly_name()[:_LONGEST_NAME],
        kind=kind[:_LONGEST_NAME],
        precision=executed_in(info),
        microseconds=int(info["execTimeMcs"]),
        kernel=info.get("primitiveType", "")[:_LONGEST_NAME],
        fused=[name[:_LONGEST_NAME] for name in names[:_MOST_NAMES]],
        takes=_precision(activations),
        gives=_precision(node.outputs()),
        reads=reads,
        weight_bytes=0 if kind in _TABLES else sum(map(_bytes, constants)),
        activation_bytes=_moved(activations, node.outputs()),
    )


def _is_constant(value: ov.Output) -> bool:
    """Whether it is known when a model is compiled, as weights are."""
    node = value.get_node()
    return "layerType" in node.rt_info and node.rt_info["layerType"].astype(str) == "Const"


def _precision(values: list[ov.Output]) -> str:
    """Of the first of some inputs or outputs, which is that of the data."""
    return short_name(values[0].element_type.get_type_name()) if values else ""


def _bytes(value: ov.Output) -> int:
    """Bytes of a tensor; 0 where its shape is open."""
    shape = value.partial_shape
    if shape.is_dynamic or value.element_type == ov.Type.dynamic:
        return 0
    return prod(shape.to_shape()) * value.element_type.bitwidth // 8


def _moved(inputs: list[ov.Output], outputs: list[ov.Output]) -> int:
    values = [*inputs, *outputs]
    return 0 if any(it.partial_shape.is_dynamic for it in values) else sum(map(_bytes, values))


def _longest(operations: list[Operation]) -> list[Operation]:
    """At most so many operations, still in order; what they read is found at its new position."""
    if len(operations) <= MOST:
        return operations
    by_time = sorted(range(len(operations)), key=lambda it: -operations[it].microseconds)
    kept = sorted(by_time[:MOST])
    places = {old: new for new, old in enumerate(kept)}
    return [_moved_to(operations[old], places) for old in kept]


def _moved_to(operation: Operation, places: Mapping[int, int]) -> Operation:
    reads = [places[it] for it in operation.reads if it in places]
    return structs.replace(operation, reads=reads)


def _capabilities(compiled: ov.CompiledModel) -> list[str]:
    """What the devices that a model was compiled for can calculate in."""
    try:
        core, devices = ov.Core(), compiled.get_property("EXECUTION_DEVICES")
        offered = [core.get_property(device, "OPTIMIZATION_CAPABILITIES") for device in devices]
    except (RuntimeError, TypeError):
        return []
    return sorted({str(name) for each in offered for name in each})
