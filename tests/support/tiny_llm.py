"""Tiny language models of several families with the demo's tokenizer, as files."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

DEMO = Path(__file__).parents[2] / "recipes" / "demo"
WORDS = 512
"""In the tokenizer."""

RECIPE = """
schema = 1
title = "tiny language model"
task = "text-generation"
metric = "perplexity"
also = ["kl-divergence", "same-top-token", "exact-match"]
max_drop = 1.0
samples = 2
[model]
source = "model"
[data]
source = "data.csv"
[data.calibration]
split = "all[:8]"
[data.evaluation]
split = "all[8:]"
[generation]
max_new_tokens = 5
[measure]
latency = false
throughput = false
tokens = 4
[[variants]]
name = "int8 weights"
components.model = { method = "compress_weights" }
"""

_LLAMA = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
}
FAMILIES: dict[str, dict[str, Any]] = {
    "Llama": _LLAMA,
    "Mistral": _LLAMA | {"sliding_window": 4},
    "GPT2": {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64},
}
"""Grouped-query attention, a sliding window of it, learnt positions."""


def write_llm_folder(folder: Path, family: str = "Llama") -> Path:
    """Writes recipe, model folder and data, and returns the recipe's path."""
    write_llm(folder / "model", family)
    with (folder / "data.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "target"])
        names = ("anna", "ben", "carla", "david", "emma", "felix", "seven")
        for number in range(14):
            first, other = names[number % 7], names[(number * 3 + 1) % 7]
            rest = " in the morning" * (number % 3)
            writer.writerow([f"{first} gave {other} the old book{rest} and", " nine."])
    recipe = folder / "tiny.toml"
    recipe.write_text(RECIPE)
    return recipe


def write_llm(folder: Path, family: str) -> None:
    """Writes a random model of two layers in Hugging Face layout."""
    import torch
    import transformers

    torch.manual_seed(0)
    config = getattr(transformers, f"{family}Config")(
        vocab_size=WORDS, bos_token_id=None, eos_token_id=0, pad_token_id=0, **FAMILIES[family]
    )
    model = transformers.AutoModelForCausalLM.from_config(config).eval()
    for name, weight in model.named_parameters():
        if weight.ndim > 1:  # of a fresh model all tokens are nearly as likely
            torch.nn.init.normal_(weight, std=0.3)
        elif name.endswith("bias"):
            torch.nn.init.normal_(weight, std=0.1)
    model.save_pretrained(folder)
    for path in (DEMO / "llama-sums").glob("tokenizer*"):
        shutil.copy(path, folder)
