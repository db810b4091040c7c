"""Attention that a model writes as products and a softmax, and the one operation it becomes."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import openvino as ov
import pytest
import torch
import transformers
from openvino import opset13 as ops

from ovtui.engine.components import graph
from ovtui.engine.components.fused_attention import fuse_attention
from ovtui.engine.components.graph import convert_component, signature_of
from ovtui.engine.components.observe import observed
from ovtui.engine.components.state import make_stateful
from ovtui.engine.data.spool import Arrays
from ovtui.engine.store.layout import f32_on
from tests.support.tiny_pipelines import blip, llama

FUSED = "ScaledDotProductAttention"


def kinds(model: ov.Model) -> Counter[str]:
    return Counter(node.get_type_name() for node in model.get_ops())


def attention(scale: str, *, turned: bool, mask: bool, also_scores: bool = False) -> ov.Model:
    """Two heads of four, scaled by a product or a division, with keys turned before or within."""
    shape = ov.PartialShape([-1, 2, -1, 4])
    query, key, value = (ops.parameter(shape, np.float32, name=name) for name in "qkv")
    given = [query, key, value]
    turn = ops.transpose(key, ops.constant(np.array([0, 1, 3, 2]))) if turned else key
    scores = ops.matmul(query, turn, False, not turned)
    by = {"multiply": np.float32(0.7), "divide": np.float32(1 / 0.7)}
    if scale:
        scores = getattr(ops, scale)(scores, by[scale])
    if mask:
        given.append(ops.parameter(ov.PartialShape([-1, 1, -1, -1]), np.float32, name="m"))
        scores = ops.add(scores, given[-1])
    shares = ops.softmax(scores, -1)
    outputs = [ops.matmul(shares, value, False, False), *([shares] if also_scores else [])]
    return ov.Model([it.output(0) for it in outputs], given, "attention")


@pytest.mark.parametrize("scale", ["", "multiply", "divide"])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("mask", [False, True])
def test_attention_becomes_one_operation_that_gives_the_same(
    scale: str, turned: bool, mask: bool
) -> None:
    model = attention(scale, turned=turned, mask=mask)
    apart = model.clone()
    fuse_attention(model)
    assert kinds(model)[FUSED] == 1 and not kinds(model)["Softmax"]
    generator = np.random.default_rng(0)
    feed = [generator.standard_normal((2, 2, 3, 4)).astype(np.float32) for _ in range(3)]
    if mask:
        feed.append(np.where(np.tri(3), 0.0, -1e9)[None, None].repeat(2, 0).astype(np.float32))
    core = ov.Core()
    got, expected = (
        core.compile_model(it, "CPU", f32_on("CPU", stateful=False))(feed)[0]
        for it in (model, apart)
    )
    np.testing.assert_allclose(got, expected, atol=1e-6)


def test_what_else_reads_the_scores_keeps_attention_apart() -> None:
    model = attention("divide", turned=True, mask=True, also_scores=True)
    fuse_attention(model)
    assert not kinds(model)[FUSED] and kinds(model)["Softmax"] == 1


def test_a_head_that_ends_in_a_softmax_is_no_attention() -> None:
    x = ops.parameter([1, 3, 4], np.float32)
    weights = ops.constant(np.ones((4, 4), np.float32))
    shares = ops.softmax(ops.matmul(x, weights, False, True), -1)
    model = ov.Model([ops.matmul(shares, weights, False, True).output(0)], [x], "head")
    fuse_attention(model)
    assert not kinds(model)[FUSED]


def test_heads_that_share_keys_take_any_number_of_tokens() -> None:
    """Traced with one token: transformers packs its query by heads, which fits no other number."""
    torch.manual_seed(0)
    model = llama().eval()
    model.set_attn_implementation("sdpa")
    with observed({"": model}) as calls, torch.no_grad():
        for tokens in (5, 6):
            model.generate(torch.arange(5, 5 + tokens)[None], max_new_tokens=4)
    converted = make_stateful(convert_component(model, signature_of("", calls[""])))
    compiled = ov.Core().compile_model(converted, "CPU", f32_on("CPU", stateful=True))
    request, ids = compiled.create_infer_request(), np.arange(5, 11)[None]
    with torch.no_grad():
        expected = model(torch.from_numpy(ids)).logits.numpy()
    for first, last in ((0, 5), (5, 6)):
        fed = {"input_ids": ids[:, first:last], "position_ids": np.arange(first, last)[None]}
        request.infer(fed | {"beam_idx": np.zeros(1, np.int32)})
        got = request.get_output_tensor(0).data[:, -1]
        np.testing.assert_allclose(got, expected[:, last - 1], atol=1e-6)


def decoder(model: Any) -> ov.Model:
    """BLIP's decoder of answers, with its state."""
    pixels = torch.zeros(1, 3, 16, 16)
    with observed({"text_decoder": model.text_decoder}) as calls, torch.no_grad():
        for tokens in (4, 5):
            ids = torch.arange(5, 5 + tokens)[None]
            model.generate(input_ids=ids, pixel_values=pixels, max_new_tokens=4)
    signature = signature_of("text_decoder", calls["text_decoder"])
    return make_stateful(convert_component(model.text_decoder, signature))


def answers(compiled: ov.CompiledModel) -> list[np.ndarray]:
    request, generator = compiled.create_infer_request(), np.random.default_rng(0)
    states = generator.standard_normal((1, 5, 16)).astype(np.float32)
    outputs = []
    for step in range(4):
        feed: Arrays = {
            "input_ids": np.array([[5 + step]]),
            "position_ids": np.array([[step]]),
            "encoder_hidden_states": states,
            "encoder_attention_mask": np.ones((1, 5), np.int64),
            "beam_idx": np.zeros(1, np.int32),
        }
        known = {port.any_name for port in compiled.inputs}
        request.infer({name: array for name, array in feed.items() if name in known})
        outputs.append(request.get_output_tensor(0).data.copy())
    return outputs


def test_blip_attends_to_its_cache_in_one_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    model = blip(transformers.BlipForQuestionAnswering).eval()
    ours = decoder(model)
    monkeypatch.setattr(graph, "fuse_attention", lambda model: None)
    apart = decoder(model)
    assert kinds(apart)["Softmax"] == 4 and kinds(ours)[FUSED] == 4
    core, how = ov.Core(), f32_on("CPU", stateful=True)
    both = [core.compile_model(it, "CPU", how) for it in (ours, apart)]
    executed = [
        Counter(it.rt_info["layerType"].astype(str) for it in each.get_runtime_model().get_ops())
        for each in both
    ]
    assert [it[FUSED] for it in executed] == [2, 0], "with the cache, in each of two layers"
    assert executed[0]["Concatenation"] < executed[1]["Concatenation"]
    for got, expected in zip(*map(answers, both), strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-5)
