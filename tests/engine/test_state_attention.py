"""Attention that reads a state stays in floating point and fused; all else is quantized."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
import torch
import transformers
from openvino import opset13 as ops

from ovtui.core.recipes.compression import Quantize
from ovtui.core.runs.run_folder import Run
from ovtui.engine.components.graph import Signature, convert_component, signature_of
from ovtui.engine.components.observe import observed
from ovtui.engine.components.state import make_stateful
from ovtui.engine.compression.compress import Samples, Storage, compress
from ovtui.engine.compression.state_attention import quantized_states, state_attention
from ovtui.engine.data.spool import Spool, SpoolWriter
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Compressed
from tests.support.tiny_pipelines import F32, bart, blip, llama, t5, whisper

FUSED = "ScaledDotProductAttention"
"""How a compiled graph calls attention that is one operation with its cache."""
TRANSFORMER = Quantize(model_type="transformer")
RANDOM = np.random.default_rng(0)


def tokens(length: int) -> torch.Tensor:
    return torch.from_numpy(RANDOM.integers(3, 50, (1, length)))


def numbers(*shape: int) -> torch.Tensor:
    return torch.from_numpy(RANDOM.random((1, *shape), dtype=np.float32))


DECODERS = {
    "whisper": (whisper, "", lambda: (numbers(8, 40),)),
    "t5": (t5, "", lambda: (tokens(5),)),
    "bart": (bart, "", lambda: (tokens(5),)),
    "blip answers": (
        lambda: blip(transformers.BlipForQuestionAnswering),
        "text_decoder",
        lambda: (tokens(4), numbers(3, 16, 16)),
    ),
    "blip captions": (
        lambda: blip(transformers.BlipForConditionalGeneration),
        "text_decoder",
        lambda: (numbers(3, 16, 16),),
    ),
    "llama": (llama, "", lambda: (tokens(5),)),
}
"""Each with its decoder's path and what `generate` takes."""


def converted(name: str) -> tuple[ov.Model, Signature]:
    """A decoder's graph, with its cache as inputs and outputs."""
    torch.manual_seed(0)
    build, path, inputs = DECODERS[name]
    model = build().eval()
    module = model.get_submodule(path)
    with observed({path: module}) as calls, torch.no_grad():
        for _ in range(2):
            model.generate(*inputs(), max_new_tokens=4)
    signature = signature_of(path, calls[path])
    return convert_component(module, signature), signature


def calibration(signature: Signature, folder: Path) -> Samples:
    """The traced call a few times, with an empty past and other numbers."""
    with SpoolWriter(folder, "inputs") as writer:
        for _ in range(4):
            feed = {}
            for argument, tensor in signature.call.inputs.items():
                array = tensor.numpy()
                drawn = RANDOM.normal(0, 1, array.shape).astype(np.float32)
                floating = array.dtype.kind == "f"
                feed[signature.component.inputs[argument]] = drawn if floating else array
            past = signature.inputs[len(feed) :]
            own = [pair for pair in signature.component.own for _ in range(2)]
            for port, (heads, width) in zip(past, own, strict=True):
                feed[port] = np.zeros((1, heads, 0, width), np.float32)
            writer.append(feed)
    return Samples(Spool(folder, "inputs"))


def kernels(model: ov.Model | Path) -> Counter[str]:
    """Counts operations of a compiled model by their type."""
    compiled = ov.Core().compile_model(model, "CPU", F32)
    operations = compiled.get_runtime_model().get_ops()
    return Counter(operation.rt_info["layerType"].astype(str) for operation in operations)


@pytest.mark.parametrize("name", DECODERS)
def test_a_quantized_decoder_has_the_attention_of_its_baseline(name: str, tmp_path: Path) -> None:
    graph, signature = converted(name)
    source, target = tmp_path / "model.xml", tmp_path / "int8.xml"
    ov.save_model(graph, source, compress_to_fp16=False)
    samples, storage = calibration(signature, tmp_path), Storage(fp16=False, stateful=True)

    def quantized(method: Quantize) -> tuple[Compressed, ov.Model]:
        journal = Journal(Run(tmp_path), "compress")
        done = compress(source, target, method, samples, storage, journal)
        return done, ov.Core().read_model(target)

    kept, model = quantized(TRANSFORMER)
    assert set(kept.kept) <= {operation.get_friendly_name() for operation in graph.get_ops()}
    assert not kept.warnings
    assert not quantized_states(model)
    before, after = kernels(make_stateful(graph)), kernels(target)
    assert after[FUSED] == before[FUSED]
    assert after["Concatenation"] <= before["Concatenation"]
    assert Counter(it.get_type_name() for it in model.get_ops())["FakeQuantize"] > 0
    plain, model = quantized(Quantize(model_type="transformer", keep_attention=False))
    assert not plain.kept
    assert quantized_states(model)
    assert kernels(target)[FUSED] == 0


def test_a_model_that_comes_with_its_state_keeps_its_attention(tmp_path: Path) -> None:
    graph, signature = converted("llama")
    source, target = tmp_path / "model.xml", tmp_path / "int8.xml"
    ov.save_model(make_stateful(graph), source, compress_to_fp16=False)
    with SpoolWriter(tmp_path, "inputs") as writer:
        for _ in range(4):
            feed = {name: it.numpy() for name, it in signature.call.inputs.items()}
            writer.append(feed | {"beam_idx": np.zeros(1, np.int32)})
    samples = Samples(Spool(tmp_path, "inputs"))
    journal = Journal(Run(tmp_path), "compress")
    done = compress(source, target, TRANSFORMER, samples, Storage(fp16=False), journal)
    assert done.kept
    assert not quantized_states(ov.Core().read_model(target))
    assert kernels(target)[FUSED] == kernels(source)[FUSED] == len(signature.component.own)


def state(name: str, *shape: int) -> tuple[Any, Any]:
    information = ov.op.util.VariableInfo()
    information.data_shape, information.data_type = ov.PartialShape([*shape]), ov.Type.f32
    information.variable_id = name
    variable = ov.op.util.Variable(information)
    zero = ops.constant(np.zeros([max(size, 1) for size in shape], np.float32))
    return ops.read_value(zero, variable), variable


def test_attention_of_several_operations_is_found_from_its_first_product_to_its_second() -> None:
    query = ops.parameter([1, 2, 1, 8], np.float32)
    (keys, first), (values, second) = state("keys", 1, 2, 5, 8), state("values", 1, 2, 5, 8)
    scores = ops.matmul(query, keys, False, True)
    scaled = ops.multiply(scores, ops.constant(np.float32(0.3)))
    weights = ops.softmax(ops.add(scaled, ops.constant(np.ones((1, 1, 1, 5), np.float32))), -1)
    answer = ops.matmul(weights, values, False, False)
    projected = ops.matmul(answer, ops.constant(np.eye(8, dtype=np.float32)), False, False)
    sinks = [ops.assign(keys, first), ops.assign(values, second)]
    model = ov.Model([ops.result(projected)], sinks, [query], "decomposed")
    kept = state_attention(model)
    inside = (scores, scaled, weights, answer)
    assert {node.get_friendly_name() for node in inside} < set(kept)
    assert projected.get_friendly_name() not in kept


def test_a_recurrent_cell_is_no_attention() -> None:
    given = ops.parameter([1, 8], np.float32)
    remembered, variable = state("cell", 1, 8)
    summed = ops.add(given, ops.multiply(remembered, ops.constant(np.float32(0.5))))
    following = ops.matmul(summed, ops.constant(np.eye(8, dtype=np.float32)), False, False)
    model = ov.Model([ops.result(following)], [ops.assign(summed, variable)], [given], "cell")
    assert state_attention(model) == []
