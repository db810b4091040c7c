"""Attention written as two products and a softmax, made the one operation that a device fuses.

Models of transformers that know no scaled dot product attention (BLIP's texts) are traced as they
are written. OpenVINO's own conversion finds attention whose scores are multiplied by a scale, and
not that which divides them, so the CPU plugin calculates product, softmax and product apart, and
puts the cache together anew at every token.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import openvino as ov
from openvino import opset13 as ops


class _Scores(NamedTuple):
    """What a softmax is of: `query @ key^T * scale + mask`."""

    query: ov.Output
    key: ov.Output
    scale: float
    mask: ov.Output | None


def fuse_attention(model: ov.Model) -> None:
    """Makes attention one operation, in place, where nothing else reads what lies between.

    Args:
        model: an `ov.Model`; other products and softmaxes stay as they are.
    """
    for softmax in model.get_ordered_ops():
        if softmax.get_type_name() != "Softmax" or not _is_of_last_axis(softmax):
            continue
        product = _only_reader(softmax)
        scores = _scores(softmax.input_value(0))
        if scores is None or not _weighs_values(product, softmax):
            continue
        assert product is not None
        mask = scores.mask or ops.constant(np.float32(0)).output(0)
        fused = ops.scaled_dot_product_attention(
            scores.query,
            scores.key,
            product.input_value(1),
            mask,
            ops.constant(np.float32(scores.scale)),
        )
        fused.set_friendly_name(product.get_friendly_name())
        product.output(0).replace(fused.output(0))


def _is_of_last_axis(softmax: ov.Node) -> bool:
    rank = softmax.input_value(0).get_partial_shape().rank
    axis = softmax.get_attributes()["axis"]
    return rank.is_static and rank.get_length() >= 3 and axis in (-1, rank.get_length() - 1)


def _only_reader(node: ov.Node) -> ov.Node | None:
    readers = list(node.output(0).get_target_inputs())
    return readers[0].get_node() if len(readers) == 1 else None


def _weighs_values(product: ov.Node | None, softmax: ov.Node) -> bool:
    """Whether it multiplies values by a softmax, as attention does after its scores."""
    if product is None or product.get_type_name() != "MatMul":
        return False
    turned = product.get_attributes()
    from_softmax = product.input_value(0).get_node().get_friendly_name()
    first = from_softmax == softmax.get_friendly_name()
    return first and not turned["transpose_a"] and not turned["transpose_b"]


def _scores(output: ov.Output) -> _Scores | None:
    """What a softmax is of, if that is attention's scores that nothing else reads."""
    node, mask, scale = output.get_node(), None, 1.0
    if _only_reader(node) is None:
        return None
    if node.get_type_name() == "Add":
        sides = [node.input_value(place) for place in range(2)]
        for ours, other in (sides, reversed(sides)):
            if (scores := _scores(ours)) is not None and scores.mask is None:
                return scores._replace(mask=other)
        return None
    if node.get_type_name() in ("Multiply", "Divide"):
        factor = node.input_value(1).get_node()
        if factor.get_type_name() != "Constant" or factor.data.size != 1:
            return None
        scale = float(factor.data.item())
        scale = scale if node.get_type_name() == "Multiply" else 1 / scale
        node = node.input_value(0).get_node()
    if node.get_type_name() != "MatMul" or _only_reader(node) is None:
        return None
    return _product(node, scale, mask)


def _product(node: ov.Node, scale: float, mask: ov.Output | None) -> _Scores | None:
    query, key, turned = node.input_value(0), node.input_value(1), node.get_attributes()
    if turned["transpose_a"] or query.get_partial_shape().rank != key.get_partial_shape().rank:
        return None
    if turned["transpose_b"]:
        return _Scores(query, key, scale, mask)
    source = key.get_node()
    if source.get_type_name() != "Transpose":
        return None
    order = source.input_value(1).get_node()
    rank = query.get_partial_shape().rank.get_length()
    swapped = [*range(rank - 2), rank - 1, rank - 2]
    if order.get_type_name() != "Constant" or order.data.tolist() != swapped:
        return None
    return _Scores(query, source.input_value(0), scale, mask)
