"""What follows the last convolutions of a detector: it stays in floating point.

There the maps of several sizes are joined, shares of bins become distances (distribution focal
loss, Li et al. 2020, arXiv 2006.04388), and distances become coordinates beside scores. One scale
of 8 bits for coordinates up to 640 and scores up to 1 leaves nothing of the scores; all of it takes
hardly any time.
"""

from __future__ import annotations

from collections import deque

import openvino as ov

from ovtui.engine.compression.state_attention import is_weight

_CONVOLUTIONS = {"Convolution", "GroupConvolution", "ConvolutionBackpropData"}
_MOVES = {"Reshape", "Transpose", "Squeeze", "Unsqueeze"}


def detection_heads(model: ov.Model) -> list[str]:
    """Returns names of the operations from a detector's last convolutions to its outputs.

    Found by structure: an output to which several convolutions lead that a Concat joins, with no
    other weights on the way. An output that a matrix of weights lies before, as in a classifier or
    a transformer, is none. Where boxes are chosen by their scores alone (one to one, no suppression
    follows), the last convolutions are of it: nothing hides a second box of an object there.

    Args:
        model: an `ov.Model`.
    """
    kept: dict[str, None] = {}
    for result in model.get_results():
        kept |= dict.fromkeys(_behind_convolutions(result))
    return list(kept)


def _behind_convolutions(result: ov.Node) -> list[str]:
    """All that computes an output from the last convolutions; nothing where that is no head."""
    behind: dict[str, ov.Node] = {}
    last: dict[str, ov.Node] = {}
    ahead = deque([result.input_value(0).get_node()])
    while ahead:
        node = ahead.popleft()
        name = node.get_friendly_name()
        if name in behind or is_weight(node.output(0)):
            continue
        if _is_last(node):
            last[name] = node
            continue
        if node.get_type_name() == "Parameter" or _multiplies_weights(node):
            return []
        behind[name] = node
        ahead += [node.input_value(port).get_node() for port in range(node.get_input_size())]
    kinds = {node.get_type_name() for node in behind.values()}
    if "Concat" not in kinds or len(last) < 2:
        return []
    chosen = [_without_bias(node) for node in last.values()] if "TopK" in kinds else []
    return [*behind, *(node.get_friendly_name() for node in chosen)]


def _is_last(node: ov.Node) -> bool:
    """Whether it is a convolution, with its bias, other than that of bins' shares."""
    convolution = _without_bias(node)
    return convolution.get_type_name() in _CONVOLUTIONS and not _is_of_shares(convolution)


def _without_bias(node: ov.Node) -> ov.Node:
    """What stored numbers are added to; the operation itself where it is no such sum."""
    if node.get_type_name() == "Add":
        for port in range(2):
            if is_weight(node.input_value(1 - port)):
                return node.input_value(port).get_node()
    return node


def _is_of_shares(convolution: ov.Node) -> bool:
    """Whether a convolution adds up the shares of a softmax, as the mean of its bins."""
    node = convolution.input_value(0).get_node()
    while node.get_type_name() in _MOVES:
        node = node.input_value(0).get_node()
    return node.get_type_name() in ("Softmax", "LogSoftmax")


def _multiplies_weights(node: ov.Node) -> bool:
    return node.get_type_name() == "MatMul" and any(
        is_weight(node.input_value(port)) for port in range(2)
    )
