"""Components of live pipelines: observed, converted, made stateful and swapped, for any family."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import openvino as ov
import pytest
import torch
import transformers

from ovtui.engine.components.graph import convert_component
from ovtui.engine.components.observe import observed
from ovtui.engine.components.state import make_stateful
from ovtui.engine.components.swap import let_go, swap

F32 = {"INFERENCE_PRECISION_HINT": "f32"}
TOKENS = 9


def whisper() -> Any:
    config = transformers.WhisperConfig(
        vocab_size=120,
        num_mel_bins=8,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        d_model=16,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        max_source_positions=20,
        max_target_positions=32,
        decoder_start_token_id=1,
        eos_token_id=119,
        pad_token_id=119,
        bos_token_id=119,
        suppress_tokens=[],
        begin_suppress_tokens=[],
    )
    return transformers.WhisperForConditionalGeneration(config)


def t5() -> Any:
    config = transformers.T5Config(
        vocab_size=60, d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2,
        decoder_start_token_id=0, eos_token_id=59, pad_token_id=0,
    )  # fmt: skip
    return transformers.T5ForConditionalGeneration(config)


def bart() -> Any:
    config = transformers.BartConfig(
        vocab_size=60, d_model=16, encoder_layers=2, decoder_layers=2, encoder_ffn_dim=32,
        decoder_ffn_dim=32, encoder_attention_heads=2, decoder_attention_heads=2,
        max_position_embeddings=64, eos_token_id=59, forced_eos_token_id=None,
        decoder_start_token_id=2, pad_token_id=1,
    )  # fmt: skip
    return transformers.BartForConditionalGeneration(config)


def blip(kind: type) -> Any:
    text = {
        "vocab_size": 60, "hidden_size": 16, "encoder_hidden_size": 16, "intermediate_size": 32,
        "num_hidden_layers": 2, "num_attention_heads": 2, "projection_dim": 16, "bos_token_id": 57,
        "eos_token_id": 2, "sep_token_id": 58, "pad_token_id": 0, "max_position_embeddings": 64,
    }  # fmt: skip
    vision = {
        "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "image_size": 16,
        "num_attention_heads": 2, "patch_size": 8, "initializer_range": 0.2,
    }  # fmt: skip
    config = transformers.BlipConfig(
        text_config=text, vision_config=vision, projection_dim=16, image_text_hidden_size=16
    )
    return kind(config)


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
    with observed({path: model.get_submodule(path) for path in paths}) as calls, torch.no_grad():
        for number in range(2):  # of different lengths where the family takes tokens
            run(model, number)
    expected = [run(model, number) for number in range(3)]
    core = ov.Core()
    components = {}
    for path in paths:
        graph, components[path] = convert_component(path, model.get_submodule(path), calls[path])
        if components[path].cached:
            graph = make_stateful(graph)
            assert not any(port.any_name.startswith("past") for port in graph.inputs)
        swap(model, components[path], core.compile_model(graph, "CPU", F32))
    let_go(model, components)
    assert sum(parameter.numel() for parameter in model.parameters()) == 0
    with torch.no_grad():
        for number, tokens in enumerate(expected):
            assert run(model, number).tolist() == tokens.tolist()
