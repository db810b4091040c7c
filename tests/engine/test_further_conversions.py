"""Graphs that OpenVINO does not convert or compile as they are, in a form that it does."""

from __future__ import annotations

import numpy as np
import openvino as ov
import pytest
import torch
from openvino import opset13 as ops

from ovtui.engine.components.state import make_stateful
from ovtui.engine.components.trace import trace


@pytest.mark.parametrize("window", [320, (5, 320), 4])
def test_a_pool_wider_than_the_picture_is_its_mean(window: int | tuple[int, int]) -> None:
    pool = torch.nn.AvgPool2d(window, ceil_mode=True)
    module = torch.nn.Sequential(pool, torch.nn.Flatten())
    maps = torch.randn(1, 3, 5, 4, generator=torch.Generator().manual_seed(0))
    graph = trace(module, (maps,), [ov.PartialShape([1, 3, 5, 4])])
    found = ov.Core().compile_model(graph, "CPU")([maps.numpy()])[0]
    np.testing.assert_allclose(found, module(maps).numpy(), atol=1e-6)
    assert "forward" not in vars(pool)  # its class's again


def test_keys_and_values_that_are_split_from_one_projection_become_states() -> None:
    """As GPT-2's cross-attention has them; the CPU plugin compiled no such graph."""
    generator = np.random.default_rng(0)
    weights = generator.normal(size=(4, 6)).astype(np.float32)
    tokens = ops.parameter([-1, -1], ov.Type.i64, name="input_ids")
    states = ops.parameter([-1, 3, 4], ov.Type.f32, name="encoder_hidden_states")
    both = ops.matmul(states, ops.constant(weights), False, False)
    sizes = ops.constant(np.array([2, 4]))
    parts = ops.variadic_split(both, ops.constant(np.int64(2)), sizes)
    turned = [ops.transpose(port, ops.constant(np.array([0, 2, 1]))) for port in parts.outputs()]
    sums = [ops.reduce_sum(each, ops.constant(np.array([1, 2])), False) for each in turned]
    said = ops.multiply(ops.convert(tokens, "f32"), ops.unsqueeze(ops.add(*sums), ops.constant(1)))
    model = ov.Model([said, *turned], [tokens, states])
    for node in (tokens, states):
        node.output(0).get_tensor().set_names({node.get_friendly_name()})
    for port, name in zip(
        model.outputs, ["logits", "present.0.encoder.key", "present.0.encoder.value"], strict=True
    ):
        port.get_tensor().set_names({name})
    compiled = ov.Core().compile_model(make_stateful(model), "CPU")
    given = generator.normal(size=(1, 3, 4)).astype(np.float32)
    feed = {"input_ids": np.array([[3]]), "encoder_hidden_states": given, "beam_idx": np.array([0])}
    found = compiled(feed)["logits"]
    np.testing.assert_allclose(found, [[3 * (given @ weights).sum()]], rtol=1e-5)
