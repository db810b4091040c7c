"""Attention that reads a state: it stays in floating point, and fused with its cache.

NNCF quantizes what enters attention. Where keys and values are a state, that is everything that was
said before: it would be quantized again at every token (1 500 frames of cross-attention in
Whisper), and the CPU plugin fuses attention with its cache only where nothing lies between the two.
"""

from __future__ import annotations

from collections.abc import Set
from typing import NamedTuple

import openvino as ov

_FUSED = "ScaledDotProductAttention"
QUANTIZER = "FakeQuantize"
_CARRIES = {
    "Add", "Broadcast", "Concat", "Convert", "Gather", "Multiply", "Negative", "Reshape", "Slice",
    "Split", "Squeeze", "StridedSlice", "Tile", "Transpose", "Unsqueeze", "VariadicSplit",
    QUANTIZER,
}  # fmt: skip
"""Operations that a state passes on its way to attention: as it is, in parts, scaled or turned."""
_SCORES = _CARRIES | {"Select", "Softmax"}
"""Those from the first product to the second, where attention is not one operation."""
_UNPACKS = {"Convert", "Multiply", "Subtract", "Reshape", "Transpose", QUANTIZER}
"""Operations between a stored weight and its product."""


def state_attention(model: ov.Model) -> list[str]:
    """Returns names of the operations that attend to a state, and of those between the two.

    Found by structure: all that a ReadValue leads to, up to a ScaledDotProductAttention, or to the
    two products of attention that is not one operation. A product with a weight, as in a recurrent
    cell, is no attention.

    Args:
        model: an `ov.Model` whose states are variables.
    """
    kept: dict[str, None] = {}
    for state in _states(model):
        passed, attention = _follow(state, _CARRIES)
        products = [node for node in attention if node.get_type_name() != _FUSED]
        scores = [node for product in products for node in _follow(product, _SCORES).between]
        if attention:
            nodes = [*passed, *attention, *scores]
            kept |= dict.fromkeys(node.get_friendly_name() for node in nodes)
    return list(kept)


def quantized_states(model: ov.Model) -> list[str]:
    """Returns names of the states that are quantized on their way to attention.

    Args:
        model: an `ov.Model` whose states are variables.
    """
    ways = {state.get_friendly_name(): _follow(state, _CARRIES) for state in _states(model)}
    return [
        name
        for name, way in ways.items()
        if way.attention and any(node.get_type_name() == QUANTIZER for node in way.between)
    ]


class _Way(NamedTuple):
    """What an operation's outputs lead to."""

    between: list[ov.Node]
    attention: list[ov.Node]


def _states(model: ov.Model) -> list[ov.Node]:
    return [node for node in model.get_ops() if node.get_type_name() == "ReadValue"]


def _follow(start: ov.Node, through: Set[str]) -> _Way:
    """Goes on from an operation up to attention, through operations of some types alone."""
    way, ahead, seen = _Way([], []), [start], set[str]()
    while ahead:
        for output in ahead.pop().outputs():
            for reader in output.get_target_inputs():
                node = reader.get_node()
                name = node.get_friendly_name()
                if name in seen:
                    continue
                seen.add(name)
                if _attends(reader):
                    way.attention.append(node)
                elif node.get_type_name() in through:
                    way.between.append(node)
                    ahead.append(node)
    return way


def _attends(reader: ov.Input) -> bool:
    """Whether an operation's input is keys or values of attention, or its scores."""
    node = reader.get_node()
    if node.get_type_name() == _FUSED:
        return reader.get_index() in (1, 2)
    return node.get_type_name() == "MatMul" and not any(
        is_weight(node.input_value(port)) for port in range(2)
    )


def is_weight(output: ov.Output) -> bool:
    """Returns whether a value is computed from stored numbers alone."""
    node = output.get_node()
    if node.get_type_name() == "Constant":
        return True
    return node.get_type_name() in _UNPACKS and all(
        is_weight(node.input_value(port)) for port in range(node.get_input_size())
    )
