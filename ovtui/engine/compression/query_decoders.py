"""The decoder of a detector that looks for objects with queries: it stays in floating point.

A few hundred queries attend to the places of a picture (Carion et al. 2020, arXiv 2005.12872), or
read it at points that they choose (deformable attention, Zhu et al. 2020, arXiv 2010.04159). Their
boxes are refined by sums of small numbers, layer after layer: 8 bits leave nothing of them, and all
of it takes hardly any time beside what is done at thousands of places.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import openvino as ov

from ovtui.engine.compression.state_attention import is_weight

_FUSED, _POINTS, _PRODUCT = "ScaledDotProductAttention", "GridSample", "MatMul"
_WEIGHTED = {"Convolution", "GroupConvolution", _PRODUCT}
_NO_OPERATIONS = {"Constant", "Parameter", "Result"}


class _Attention(NamedTuple):
    """An operation where queries read a picture."""

    node: ov.Node
    asking: ov.Output
    """What the queries decide: themselves, their shares or their points."""
    read: list[ov.Output]
    """What is known of the picture's places."""
    queries: int


def query_decoder(model: ov.Model) -> list[str]:
    """Returns names of the operations that calculate with queries, in the model's order.

    Found by structure: attention between two numbers of places, one of them the number of queries
    that an output has an entry for each; all that follows it, and all that makes the queries and
    not what they read. A product with weights at more places than there are queries is none of
    these: it belongs to the picture.

    Args:
        model: an `ov.Model`.
    """
    attentions = [it for node in model.get_ordered_ops() for it in _attentions(node)]
    entries = {_size(port, 1) for port in model.outputs}
    attentions = [it for it in attentions if it.queries in entries]
    if not attentions:
        return []
    most = max(it.queries for it in attentions)
    kept = _following(it.node for it in attentions)
    for it in attentions:
        kept |= _before([it.asking]) - _before(it.read)
    return [
        node.get_friendly_name()
        for node in model.get_ordered_ops()
        if node.get_friendly_name() in kept
        and node.get_type_name() not in _NO_OPERATIONS
        and not any(is_weight(output) for output in node.outputs())
        and not (_is_weighted(node) and _places(node.output(0)) > most)
    ]


def _attentions(node: ov.Node) -> list[_Attention]:
    """The operation as attention of queries to other places, if it is that."""
    kind = node.get_type_name()
    if kind == _POINTS:
        picture, points = (node.input_value(port) for port in range(2))
        return _if_counted(node, points, [picture], 1)
    if kind == _FUSED:
        asking, *read = (node.input_value(port) for port in range(3))
        return _if_counted(node, asking, read, -2, other=_size(read[0], -2))
    if kind == _PRODUCT and not _is_weighted(node):
        shares, values = (node.input_value(port) for port in range(2))
        if _shares_of_places(shares.get_node()):
            return _if_counted(node, shares, [values], -2, other=_size(shares, -1))
    return []


def _if_counted(
    node: ov.Node, asking: ov.Output, read: list[ov.Output], axis: int, other: int | None = None
) -> list[_Attention]:
    queries = _size(asking, axis)
    if queries is None or queries == other or is_weight(asking):
        return []
    return [_Attention(node, asking, read, queries)]


def _shares_of_places(node: ov.Node) -> bool:
    """Whether it is a softmax, perhaps in another shape."""
    while node.get_type_name() in ("Reshape", "Transpose"):
        node = node.input_value(0).get_node()
    return node.get_type_name() == "Softmax"


def _following(nodes: Iterable[ov.Node]) -> set[str]:
    """Names of operations, and of all that they lead to."""
    names, ahead = set[str](), list(nodes)
    while ahead:
        node = ahead.pop()
        if (name := node.get_friendly_name()) not in names:
            names.add(name)
            readers = (it for output in node.outputs() for it in output.get_target_inputs())
            ahead += [reader.get_node() for reader in readers]
    return names


def _before(values: Iterable[ov.Output]) -> set[str]:
    """Names of all operations that values are computed by."""
    names, ahead = set[str](), [value.get_node() for value in values]
    while ahead:
        node = ahead.pop()
        if (name := node.get_friendly_name()) not in names:
            names.add(name)
            ahead += [it.get_source_output().get_node() for it in node.inputs()]
    return names


def _is_weighted(node: ov.Node) -> bool:
    """Whether it multiplies stored weights."""
    return node.get_type_name() in _WEIGHTED and any(
        is_weight(node.input_value(port)) for port in range(2)
    )


def _places(value: ov.Output) -> float:
    """How many vectors a value holds for one picture; infinite where that is free."""
    shape = value.get_partial_shape()
    if shape.rank.is_dynamic or "Convolution" in value.get_node().get_type_name():
        return math.inf
    axes = list(shape)[:-1]
    if axes and axes[0].is_dynamic:
        axes = axes[1:]  # pictures at once
    return math.prod(axis.get_length() if axis.is_static else math.inf for axis in axes)


def _size(value: ov.Output, axis: int) -> int | None:
    """Of an axis; None where it is free, or not there."""
    shape = value.get_partial_shape()
    if shape.rank.is_dynamic or not -len(shape) <= axis < len(shape):
        return None
    size = list(shape)[axis]
    return int(size.get_length()) if size.is_static else None
