"""Components of live pipelines: observed, converted, made stateful and swapped, for any family."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nncf
import numpy as np
import openvino as ov
import pytest
import torch
import transformers

from ovtui.engine.components.graph import convert_component, signature_of
from ovtui.engine.components.observe import observed
from ovtui.engine.components.record import Recorder
from ovtui.engine.components.state import make_stateful
from ovtui.engine.components.swap import swap
from ovtui.engine.components.weights import free_weights, skeleton, used_outside
from ovtui.engine.data.spool import Spool, SpoolWriter
from tests.support.tiny_pipelines import F32, TOKENS, bart, blip, t5, whisper


def tokens(length: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(length).integers(3, 50, (1, length)))


def picture(seed: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).random((1, 3, 16, 16), dtype=np.float32))


def sound(seed: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).random((1, 8, 40), dtype=np.float32))


def answer_about(model: Any, number: int) -> Any:
    question = tokens(3 + number)
    return model.generate(
        question, picture(number), attention_mask=torch.ones_like(question), max_new_tokens=TOKENS
    )


Pipeline = tuple[Callable[[], Any], list[str], Callable[[Any, int], Any]]
PIPELINES: dict[str, Pipeline] = {
    "whisper": (
        whisper,
        ["model.encoder", ""],
        lambda model, number: model.generate(sound(number), max_new_tokens=TOKENS),
    ),
    "t5": (
        t5,
        ["encoder", ""],
        lambda model, number: model.generate(tokens(4 + number), max_new_tokens=TOKENS),
    ),
    "bart": (
        bart,
        ["model.encoder", ""],
        lambda model, number: model.generate(tokens(4 + number), max_new_tokens=TOKENS),
    ),
    "blip answers": (
        lambda: blip(transformers.BlipForQuestionAnswering),
        ["vision_model", "text_encoder", "text_decoder"],
        answer_about,
    ),
    "blip captions": (
        lambda: blip(transformers.BlipForConditionalGeneration),
        ["vision_model", "text_decoder"],
        lambda model, number: model.generate(picture(number), max_new_tokens=TOKENS),
    ),
}


@pytest.fixture
def build() -> Callable[[str], Any]:
    def build(name: str) -> Any:
        torch.manual_seed(0)
        return PIPELINES[name][0]().eval()

    return build


@pytest.mark.parametrize("name", PIPELINES)
def test_swapped_components_give_the_same_tokens(name: str, build: Callable[[str], Any]) -> None:
    _, paths, run = PIPELINES[name]
    model = build(name)
    named = {path: path for path in paths}
    modules = {path: model.get_submodule(path) for path in paths}
    with observed(modules) as calls, used_outside(model, named) as used, torch.no_grad():
        for number in range(2):  # of different lengths where the family takes tokens
            run(model, number)
    expected = [run(model, number) for number in range(3)]
    core = ov.Core()
    components = {}
    for path in paths:
        signature = signature_of(path, calls[path])
        graph = convert_component(model.get_submodule(path), signature)
        components[path] = signature.component
        if components[path].own:
            graph = make_stateful(graph)
            assert not any(port.any_name.startswith("past") for port in graph.inputs)
        swap(model, components[path], core.compile_model(graph, "CPU", F32))
    stays = free_weights(model, named, used.outside)
    assert not used.outside and not used.nested
    assert sum(parameter.numel() for parameter in model.parameters()) == 0
    with torch.no_grad():
        for number, tokens in enumerate(expected):
            assert run(model, number).tolist() == tokens.tolist()
    with torch.device("meta"):
        bare = type(model)(model.config).eval()
    bare = skeleton(bare, stays)
    for path in paths:
        bare.get_submodule(path).forward = model.get_submodule(path).forward
    with torch.no_grad():
        assert run(bare, 0).tolist() == expected[0].tolist()


@pytest.mark.parametrize("name", PIPELINES)
def test_a_request_owns_what_feeds_its_state(name: str, build: Callable[[str], Any]) -> None:
    """In bf16 the CPU plugin goes on reading the memory that the first sequence was given in."""
    _, paths, ask = PIPELINES[name]
    model, path = build(name), paths[-1]
    with observed({path: model.get_submodule(path)}) as calls:
        for number in range(2):
            ask(model, number)
    component, *_ = signature = signature_of(path, calls[path])
    graph = make_stateful(convert_component(model.get_submodule(path), signature))
    decoder = swap(model, component, ov.Core().compile_model(graph, "CPU", F32))
    shared, states = [], [it for it in component.inputs.values() if it.endswith("hidden_states")]
    with observed({path: model.get_submodule(path)}) as swapped:
        for number in range(2):
            ask(model, number)
            for port in states:
                given = decoder._given[port].numpy()
                owned = decoder._request.get_tensor(port).data
                assert np.array_equal(given, owned)
                shared.append(np.shares_memory(given, owned))
    assert len(swapped[path]) > 2 * len(shared) > 0
    assert not any(shared)


def test_what_is_used_outside_of_components_stays(build: Callable[[str], Any]) -> None:
    model = build("t5")
    with used_outside(model, {"encoder": "encoder"}) as used, torch.no_grad():
        expected = PIPELINES["t5"][2](model, 0)
    before = sum(parameter.numel() for parameter in model.parameters())
    forward = model.encoder.forward
    encoded = [None]
    model.encoder.forward = lambda *args, **kwargs: encoded[0]
    with torch.no_grad():
        encoded[0] = forward(tokens(4))
    free_weights(model, {"encoder": "encoder"}, used.outside)
    assert 0 < sum(parameter.numel() for parameter in model.parameters()) < before
    with torch.no_grad():
        assert PIPELINES["t5"][2](model, 0).tolist() == expected.tolist()


@pytest.mark.parametrize("name", ["t5", "blip answers"])
def test_a_sequence_is_calibrated_as_one_call(
    name: str, build: Callable[[str], Any], tmp_path: Path
) -> None:
    """All tokens at once give the logits of the last step; quantized, the state changes nothing."""
    _, paths, run = PIPELINES[name]
    path, model, core = paths[-1], build(name), ov.Core()
    with observed({path: model.get_submodule(path)}) as calls, torch.no_grad():
        for number in range(2):
            run(model, number)
    signature = signature_of(path, calls[path])
    graph = convert_component(model.get_submodule(path), signature)
    component = signature.component
    last: list[Any] = []
    with (
        SpoolWriter(tmp_path, "inputs") as writer,
        Recorder(component, writer, 10**6, 9) as recorder,
    ):
        swap(model, component, core.compile_model(make_stateful(graph), "CPU", F32), recorder)
        with observed({path: model.get_submodule(path)}) as swapped, torch.no_grad():
            for number in range(3):
                run(model, number)
                last.append(swapped[path][-1].outputs["logits"][:, -1].numpy())
            run(model, 0)
    samples = Spool(tmp_path, "inputs")
    assert len(samples) == 3, "the fourth was there already"
    whole = core.compile_model(graph, "CPU", F32)
    for sample, expected in zip(samples, last, strict=True):
        ids = next(array for key, array in sample.items() if key.endswith("input_ids"))
        assert ids.shape == (1, TOKENS)
        np.testing.assert_allclose(whole(sample)["logits"][:, -1], expected, atol=1e-5)
    quantized = nncf.quantize(
        graph.clone(), nncf.Dataset(samples), model_type=nncf.ModelType.TRANSFORMER
    )
    at_once = core.compile_model(quantized, "CPU", F32)(samples[0])["logits"][:, -1]
    request = core.compile_model(make_stateful(quantized), "CPU", F32).create_infer_request()
    for call in swapped[path][:TOKENS]:
        feed = {component.inputs[key]: value.numpy() for key, value in call.inputs.items()}
        logits = request.infer(feed | {"beam_idx": np.zeros(1, np.int32)})["logits"]
    np.testing.assert_allclose(logits[:, -1], at_once, atol=1e-5)


def test_what_does_not_fit_on_disk_is_left_out_and_counted(
    build: Callable[[str], Any], tmp_path: Path
) -> None:
    model = build("t5")
    with observed({"": model}) as calls, torch.no_grad():
        model.generate(tokens(4), max_new_tokens=2)
    signature = signature_of("", calls[""])
    convert_component(model, signature)
    component = signature.component
    feed = {component.inputs[name]: it.numpy() for name, it in calls[""][0].inputs.items()}
    size = sum(array.nbytes for array in feed.values())
    with (
        SpoolWriter(tmp_path, "inputs") as writer,
        Recorder(component, writer, size, 9) as recorder,
    ):
        for number in range(3):
            recorder.before({name: array + number for name, array in feed.items()}, begins=True)
    assert len(Spool(tmp_path, "inputs")) == 1
    assert recorder.left_out == 2
