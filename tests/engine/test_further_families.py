"""Encoder-decoder families that no task file knows: by recipe alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.placed_recipe import placed
from ovtui.core.recipes.recipe import Recipe
from ovtui.engine.data.labels import Labels
from ovtui.engine.models.sources import load_model
from ovtui.engine.tasks import task_class
from ovtui.engine.tasks.generation import Generation
from tests.support.tiny_text import write_tokenizer

RECIPE = """
schema = 1
title = "tiny"
task = "{task}"
components = {{ encoder = "{encoder}", decoder = "" }}
[model]
source = "model"
[data]
source = "rows.py:rows"
calibration = {{ split = "train" }}
evaluation = {{ split = "test" }}
[generation]
max_new_tokens = 5
[[variants]]
name = "int8"
components.decoder = {{ method = "compress_weights" }}
"""


def opened(folder: Path, task: str, encoder: str) -> tuple[Recipe, Generation, Any]:
    """Recipe, task and model of a folder."""
    (folder / "rows.py").write_text("")
    (folder / "tiny.toml").write_text(RECIPE.format(task=task, encoder=encoder))
    recipe = recipes.load(folder / "tiny.toml")
    opened = task_class(task)(recipe, Labels(None), folder / "model", None)
    assert isinstance(opened, Generation)
    return recipe, opened, load_model(placed(recipe, folder)).eval()


def moonshine(folder: Path) -> None:
    """A tiny Moonshine, which hears samples as they are, with its processor."""
    config = transformers.MoonshineConfig(
        vocab_size=60, hidden_size=16, intermediate_size=32, encoder_num_hidden_layers=1,
        decoder_num_hidden_layers=1, encoder_num_attention_heads=2, decoder_start_token_id=2,
        decoder_num_attention_heads=2, max_position_embeddings=64, bos_token_id=2, eos_token_id=3,
        pad_token_id=0,
    )  # fmt: skip
    transformers.MoonshineForConditionalGeneration(config).save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor(
        feature_size=1, sampling_rate=16000, do_normalize=False, return_attention_mask=True
    ).save_pretrained(folder)
    write_tokenizer(folder)
    for name in ("tokenizer_config.json", "preprocessor_config.json"):
        table = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps(table | {"processor_class": "Wav2Vec2Processor"}))


def trocr(folder: Path) -> None:
    """A tiny TrOCR, saved as it is published: without the pooler that its encoder could have."""
    vision = transformers.ViTConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
        image_size=32, patch_size=8,
    )  # fmt: skip
    text = transformers.TrOCRConfig(
        vocab_size=60, d_model=16, decoder_layers=1, decoder_attention_heads=2, decoder_ffn_dim=32,
        max_position_embeddings=32, pad_token_id=0, bos_token_id=2, eos_token_id=3,
        cross_attention_hidden_size=16, is_decoder=True, add_cross_attention=True,
    )  # fmt: skip
    model = transformers.VisionEncoderDecoderModel(
        encoder=transformers.ViTModel(vision, add_pooling_layer=False),
        decoder=transformers.TrOCRForCausalLM(text),
    )
    model.generation_config.update(decoder_start_token_id=2, pad_token_id=0, eos_token_id=3)
    model.save_pretrained(folder)
    write_tokenizer(folder)
    transformers.TrOCRProcessor(
        transformers.ViTImageProcessor(size={"height": 32, "width": 32}),
        transformers.AutoTokenizer.from_pretrained(folder),
    ).save_pretrained(folder)


@pytest.mark.parametrize("build", [moonshine, trocr])
def test_it_generates_as_in_transformers(build: Any, tmp_path: Path) -> None:
    torch.manual_seed(0)
    build(tmp_path / "model")
    generator = np.random.default_rng(0)
    if build is moonshine:
        row = {"audio": generator.normal(0, 0.1, 9000).astype(np.float32)}
        task, encoder, name = "automatic-speech-recognition", "model.encoder", "input_values"
    else:
        row = {"image": generator.integers(0, 256, (32, 32, 3), dtype=np.uint8)}
        task, encoder, name = "image-to-text", "encoder", "pixel_values"
    _, opened_task, model = opened(tmp_path, task, encoder)
    assert opened_task.paths(model) == {"encoder": encoder, "decoder": ""}
    inputs = opened_task.inputs(row)
    assert list(inputs) == [name], "a mask that hides nothing is left out"
    tensors = {key: torch.from_numpy(array) for key, array in inputs.items()}
    tokens = opened_task.generate(model, tensors)
    assert tokens.tolist() == model.generate(**tensors, max_new_tokens=5).tolist()
    (prediction,) = opened_task.predict([tokens.numpy()])
    assert set(prediction) == {"text", "tokens"} and opened_task.with_times == {}
