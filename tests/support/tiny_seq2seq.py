"""A tiny encoder-decoder with its tokenizer and texts, as files: any family of transformers."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path
from typing import Any

from tests.support.tiny_text import WORDS, write_tokenizer

RECIPE = """
schema = 1
title = "tiny text to text"
task = "text2text-generation"
metric = "agreement"
samples = 2
[model]
source = "model"
[data]
source = "data.csv"
[data.calibration]
split = "all[:8]"
[data.evaluation]
split = "all[8:14]"
[generation]
max_new_tokens = 5
[measure]
latency = false
throughput = false
tokens = 4
[[variants]]
name = "int8"
components.encoder = { method = "quantize" }
components.decoder = { method = "quantize", subset_size = 4 }
"""


def write_seq2seq_folder(folder: Path, family: str = "T5") -> Path:
    """Writes recipe, model folder and data, and returns the recipe's path."""
    write_seq2seq(folder / "model", family)
    texts = [" ".join(words) for words in itertools.permutations(WORDS[:5], 3)]
    with (folder / "data.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "target"])
        for number, text in enumerate(texts):
            longer = f"{text} {WORDS[number % len(WORDS)]}" if number % 2 else text
            writer.writerow([longer, text])
    recipe = folder / "tiny.toml"
    recipe.write_text(RECIPE)
    return recipe


def write_seq2seq(folder: Path, family: str) -> None:
    """Writes a random model of two layers with a WordPiece tokenizer, in Hugging Face layout."""
    import torch
    import transformers

    torch.manual_seed(0)
    common: dict[str, Any] = {
        "vocab_size": 5 + len(WORDS),
        "d_model": 16,
        "pad_token_id": 0,
        "eos_token_id": 3,
        "bos_token_id": 2,
        "decoder_start_token_id": 2,
    }
    if family == "T5":
        config = transformers.T5Config(d_kv=8, d_ff=32, num_layers=2, num_heads=2, **common)
    else:
        config = getattr(transformers, f"{family}Config")(
            encoder_layers=2,
            decoder_layers=2,
            encoder_attention_heads=2,
            decoder_attention_heads=2,
            encoder_ffn_dim=32,
            decoder_ffn_dim=32,
            max_position_embeddings=24,
            forced_eos_token_id=None,
            **common,
        )
    heads = {"T5": "T5ForConditionalGeneration", "Marian": "MarianMTModel"}
    head = heads.get(family, f"{family}ForConditionalGeneration")
    getattr(transformers, head)(config).eval().save_pretrained(folder)
    write_tokenizer(folder)
