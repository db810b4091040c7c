"""Weights that are no numbers are told before anything is compressed."""

from __future__ import annotations

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from ovtui.core.text.errors import SourceError
from ovtui.engine.conversion.numbers import check_weights, without_numbers


def graph(kernel: np.ndarray, mask: np.ndarray) -> ov.Model:
    x = ops.parameter([1, 4], np.float32, name="x")
    weight = ops.constant(kernel.astype(np.float32), name="dense")
    product = ops.add(ops.matmul(x, weight, False, False), ops.constant(np.float32(mask)))
    return ov.Model([ops.relu(product)], [x], "numbers")


def test_nan_among_weights_is_named() -> None:
    """A ReLU makes 0 of it: the baseline's outputs look right."""
    kernel = np.ones((4, 4))
    kernel[1, 2] = np.nan
    with pytest.raises(SourceError, match="'dense' holds NaN or infinity in 1 of 16 values"):
        check_weights(graph(kernel, np.zeros(4)))


def test_infinity_is_refused_where_it_is_multiplied_only() -> None:
    with pytest.raises(SourceError, match="'dense' holds NaN or infinity"):
        check_weights(graph(np.full((4, 4), np.inf), np.zeros(4)))
    check_weights(graph(np.ones((4, 4)), np.array([0, 0, 0, -np.inf])))  # a mask


def test_an_output_without_numbers_is_named() -> None:
    model = graph(np.ones((4, 4)), np.zeros(4))
    model.output(0).get_tensor().set_names({"logits"})
    assert without_numbers(model, [[np.zeros((1, 4), np.float32)]]) == ""
    assert without_numbers(model, [[np.full((1, 4), np.nan, np.float32)]]) == "logits"
