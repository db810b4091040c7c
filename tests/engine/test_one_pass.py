"""SmoothQuant and quantization from one pass over the samples: the same ranges as from two."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import nncf
import numpy as np
import openvino as ov
import pytest
from nncf.openvino.engine import OVNativeEngine
from nncf.quantization.advanced_parameters import (
    AdvancedQuantizationParameters,
    AdvancedSmoothQuantParameters,
)
from openvino import opset13 as ops

from ovtui.engine.compression.nncf_patches import statistics_ahead
from ovtui.engine.compression.nncf_patches.one_pass import one_pass

WIDTH, HIDDEN, SAMPLES = 8, 24, 6


def linear(source: Any, outputs: int, generator: np.random.Generator) -> Any:
    width = source.get_output_partial_shape(0)[-1].get_length()
    weights = generator.normal(size=(outputs, width)).astype(np.float32)
    weights[:, 1] *= 20  # SmoothQuant has something to do
    product = ops.matmul(source, ops.constant(weights), False, True)
    bias = generator.normal(size=(1,) * (len(source.get_output_partial_shape(0)) - 1) + (outputs,))
    return ops.add(product, ops.constant(bias.astype(np.float32)))


def attention(shape: list[int]) -> Any:
    """Three readers of one activation, one of which others read too, and a product of two."""
    generator = np.random.default_rng(1)
    tokens = ops.parameter(shape, np.float32, name="tokens")
    tokens.output(0).get_tensor().set_names({"tokens"})
    normal = ops.mvn(tokens, [len(shape) - 1], True, 1e-6, "INSIDE_SQRT")
    query, key, value = (linear(normal, WIDTH, generator) for _ in range(3))
    scores = ops.softmax(ops.matmul(query, key, False, True), len(shape) - 1)
    mixed = ops.add(ops.matmul(scores, value, False, False), normal)
    hidden = ops.gelu(linear(mixed, HIDDEN, generator), "erf")
    return ov.Model([linear(hidden, WIDTH, generator)], [tokens])


def convolution() -> Any:
    """Smoothed by the channels of a picture, with weights that are shared with nothing."""
    generator = np.random.default_rng(2)
    picture = ops.parameter([1, 4, 6, 6], np.float32, name="tokens")
    picture.output(0).get_tensor().set_names({"tokens"})
    weights = generator.normal(size=(5, 4, 3, 3)).astype(np.float32)
    found = ops.convolution(
        ops.sigmoid(picture), ops.constant(weights), [1, 1], [1, 1], [1, 1], [1, 1]
    )
    bias = ops.constant(generator.normal(size=(1, 5, 1, 1)).astype(np.float32))
    return ov.Model([ops.relu(ops.add(found, bias))], [picture])


def samples(shape: list[int]) -> list[np.ndarray]:
    generator = np.random.default_rng(3)
    sizes = [[7 if size == -1 else size for size in shape] for _ in range(SAMPLES)]
    scale = np.where(np.arange(shape[-1]) == 1, 30, 1)
    return [(generator.normal(0.3, 1, size) * scale).astype(np.float32) for size in sizes]


class Inferred:
    """How often a whole model was inferred."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        original = OVNativeEngine.infer

        def counted(engine: Any, data: Any) -> Any:
            self.count += "tokens" in data
            return original(engine, data)

        monkeypatch.setattr(OVNativeEngine, "infer", counted)


def quantized(model: Any, data: list[np.ndarray], folder: Path | None, **advanced: Any) -> Any:
    dataset = nncf.Dataset([{"tokens": item} for item in data])
    with ExitStack() as stack:
        if folder is not None:
            stack.enter_context(one_pass(folder))
        return nncf.quantize(
            model.clone(),
            dataset,
            model_type=nncf.ModelType.TRANSFORMER,
            subset_size=SAMPLES,
            advanced_parameters=AdvancedQuantizationParameters(**advanced),
        )


def assert_same(one: Any, other: Any) -> None:
    """The same operations; weights of 8 bits at most one step apart, the rest but for rounding."""
    pairs = list(zip(one.get_ordered_ops(), other.get_ordered_ops(), strict=True))
    assert [a.get_type_name() for a, _ in pairs] == [b.get_type_name() for _, b in pairs]
    assert sum(a.get_type_name() == "FakeQuantize" for a, _ in pairs)
    for a, b in pairs:
        if a.get_type_name() == "Constant":
            of_8_bits = a.get_element_type() == ov.Type.i8
            np.testing.assert_allclose(
                a.data.astype(np.float64), b.data, rtol=1e-4, atol=1 if of_8_bits else 1e-5
            )


@pytest.mark.parametrize("shape", [[1, 7, WIDTH], [-1, -1, WIDTH], [7, WIDTH]])
def test_ranges_are_those_of_two_passes(
    shape: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inferred = Inferred(monkeypatch)
    model, data = attention(shape), samples(shape)
    twice = quantized(model, data, None)
    assert inferred.count == 2 * SAMPLES
    once = quantized(model, data, tmp_path)
    assert inferred.count == 3 * SAMPLES
    smoothed = [op for op in once.get_ops() if op.get_friendly_name().endswith("nncf_smooth_quant")]
    assert len(smoothed) > 1
    assert_same(once, twice)
    assert not list(tmp_path.iterdir())


def test_of_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inferred = Inferred(monkeypatch)
    model, data = convolution(), samples([1, 4, 6, 6])
    alphas = AdvancedSmoothQuantParameters(convolution=0.5)
    once = quantized(model, data, tmp_path, smooth_quant_alphas=alphas)
    assert inferred.count == SAMPLES
    assert any(op.get_friendly_name().endswith("nncf_smooth_quant") for op in once.get_ops())
    assert_same(once, quantized(model, data, None, smooth_quant_alphas=alphas))


@pytest.mark.parametrize(
    "advanced",
    [
        {"smooth_quant_alpha": -1},
        {"inplace_statistics": False},
        {"disable_channel_alignment": False},
        {"disable_bias_correction": True},
    ],
)
def test_other_settings(
    advanced: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, data = attention([1, 7, WIDTH]), samples([1, 7, WIDTH])
    assert_same(
        quantized(model, data, tmp_path, **advanced), quantized(model, data, None, **advanced)
    )


def test_what_does_not_follow_is_inferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_kept(self: Any, *_: Any) -> Any:
        raise statistics_ahead.NotKept("it")

    inferred = Inferred(monkeypatch)
    model, data = attention([1, 7, WIDTH]), samples([1, 7, WIDTH])
    twice = quantized(model, data, None)
    monkeypatch.setattr(statistics_ahead.Calculating, "_was_kept", not_kept)
    assert_same(quantized(model, data, tmp_path), twice)
    assert inferred.count == 4 * SAMPLES
