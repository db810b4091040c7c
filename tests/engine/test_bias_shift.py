"""Fast bias correction of linear layers without a model compiled for each."""

from __future__ import annotations

import nncf
import numpy as np
import openvino as ov
import pytest
from nncf.openvino.engine import OVNativeEngine
from openvino import opset13 as ops

from ovtui.engine.compression.nncf_patches.bias_shift import output_for_mean, shifts_evaluated

GENERATOR = np.random.default_rng(0)
WEIGHTS = GENERATOR.standard_normal((16, 16)).astype(np.float32)


def _quantized(weights: np.ndarray) -> ov.Node:
    low, high = weights.min(axis=1, keepdims=True), weights.max(axis=1, keepdims=True)
    ends = [ops.constant(end) for end in (low, high, low, high)]
    return ops.fake_quantize(ops.constant(weights), *ends, 256)


def _linear(*, transposed: bool = True, static: bool = False) -> ov.Model:
    value = ops.parameter([1, 7, 16] if static else [-1, -1, 16], np.float32)
    layer = ops.matmul(value, _quantized(WEIGHTS), False, transposed)
    return ov.Model([layer], [value], "m")


@pytest.mark.parametrize("transposed", [True, False])
@pytest.mark.parametrize("static", [True, False])
def test_one_place_gives_what_each_would(transposed: bool, static: bool) -> None:
    model = _linear(transposed=transposed, static=static)
    mean = np.broadcast_to(GENERATOR.standard_normal(16).astype(np.float32), (1, 7, 16))
    found = output_for_mean(model, [mean])
    whole = ov.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})([mean])[0]
    assert found is not None and found.shape == (1, 1, 16)
    assert np.allclose(np.broadcast_to(found, whole.shape), whole, atol=1e-5)


def test_what_differs_from_place_to_place_is_left_to_nncf() -> None:
    given = GENERATOR.standard_normal((1, 7, 16)).astype(np.float32)
    assert output_for_mean(_linear(), [given]) is None


@pytest.mark.parametrize("kind", ["first transposed", "by 3 axes", "convolution", "two inputs"])
def test_other_layers_are_left_to_nncf(kind: str) -> None:
    value = ops.parameter([16, 16], np.float32)
    parameters = [value]
    if kind == "first transposed":
        layer = ops.matmul(value, _quantized(WEIGHTS), True, True)
    elif kind == "by 3 axes":
        layer = ops.matmul(value, ops.constant(WEIGHTS[None]), False, True)
    elif kind == "two inputs":
        parameters = [value, ops.parameter([16, 16], np.float32)]
        layer = ops.matmul(*parameters, False, True)
    else:
        parameters = [ops.parameter([1, 16, 4, 4], np.float32)]
        filters = ops.constant(WEIGHTS[..., None, None])
        layer = ops.convolution(*parameters, filters, [1, 1], [0, 0], [0, 0], [1, 1])
    model = ov.Model([layer], parameters, "m")
    ones = [np.ones(list(parameter.shape), np.float32) for parameter in parameters]
    assert output_for_mean(model, ones) is None


def test_the_corrected_model_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = nncf.Dataset(list(GENERATOR.standard_normal((4, 1, 8, 16)).astype(np.float32) + 1))
    biases = GENERATOR.standard_normal((3, 16)).astype(np.float32) + 3

    def quantized() -> list[np.ndarray]:
        value = node = ops.parameter([1, -1, 16], np.float32)
        for bias in biases:
            layer = ops.matmul(node, ops.constant(WEIGHTS / 4), False, True)
            node = ops.relu(ops.add(layer, ops.constant(bias.reshape(1, 1, -1))))
        model = nncf.quantize(ov.Model([node], [value], "m"), samples)
        constants = [op for op in model.get_ordered_ops() if op.get_type_name() == "Constant"]
        return [np.array(op.data, np.float64) for op in constants]

    plain = quantized()
    compiled = []
    original = OVNativeEngine.__init__

    def counted(self: OVNativeEngine, model: ov.Model, *arguments: object) -> None:
        compiled.append(model)
        original(self, model, *arguments)

    monkeypatch.setattr(OVNativeEngine, "__init__", counted)
    with shifts_evaluated():
        faster = quantized()
    assert len(compiled) == 1  # for the statistics
    corrected = [array for array in plain if array.shape == (1, 1, 16)]
    assert len(corrected) == 3
    assert not any(np.array_equal(array.ravel(), bias) for array in corrected for bias in biases)
    for one, other in zip(plain, faster, strict=True):
        assert np.allclose(one, other, rtol=1e-5, atol=1e-5)
