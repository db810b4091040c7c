"""Extremes of weights that NNCF asks for are found before its model is compiled."""

from __future__ import annotations

import nncf
import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from ovtui.engine.compression.nncf_patches.weight_extremes import fold_extremes, found_by_numpy

WEIGHTS = np.random.default_rng(0).standard_normal((6, 5, 4)).astype(np.float32)


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("axes", [[0], [1, 2], [0, 1, 2], [-1], []])
def test_folded_extremes_are_those_of_the_graph(axes: list[int], keep: bool) -> None:
    def model() -> ov.Model:
        value = ops.parameter([3], np.float32)
        weights = ops.constant(WEIGHTS)
        over = ops.constant(np.array(axes, np.int64))
        found = [
            ops.reduce_max(weights, over, keep),
            ops.reduce_min(weights, over, keep),
            ops.reduce_max(ops.abs(weights), over, keep),
            ops.reduce_max(value, np.array([0]), keep),
        ]
        for number, node in enumerate(found):
            node.output(0).get_tensor().set_names({f"found {number}"})
        return ov.Model([*found, ops.relu(value)], [value], "m")

    whole, folded = model(), model()
    assert fold_extremes(folded) == 3
    assert sum("Reduce" in op.get_type_name() for op in folded.get_ops()) == 1
    value = np.array([1, 5, 2], np.float32)
    wanted, got = (ov.compile_model(it, "CPU")(value) for it in (whole, folded))
    for number in range(4):
        assert np.array_equal(wanted[f"found {number}"], got[f"found {number}"])


@pytest.mark.parametrize("kind", [None, nncf.ModelType.TRANSFORMER])
def test_quantization_is_the_same(kind: nncf.ModelType | None) -> None:
    generator = np.random.default_rng(1)
    samples = nncf.Dataset(list(generator.standard_normal((4, 1, 8, 16)).astype(np.float32)))
    weights = generator.standard_normal((3, 16, 16)).astype(np.float32)

    def quantized() -> list[np.ndarray]:
        value = node = ops.parameter([1, 8, 16], np.float32)
        for number, matrix in enumerate(weights):
            node = ops.relu(ops.matmul(node, ops.constant(matrix), False, True, name=f"m{number}"))
        model = nncf.quantize(ov.Model([node], [value], "m"), samples, model_type=kind)
        constants = [op for op in model.get_ordered_ops() if op.get_type_name() == "Constant"]
        return [np.array(op.data) for op in constants]

    plain = quantized()
    with found_by_numpy():
        faster = quantized()
    assert len(plain) == len(faster)
    assert all(np.array_equal(a, b) for a, b in zip(plain, faster, strict=True))
