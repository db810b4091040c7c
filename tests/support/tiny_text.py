"""A tiny BERT with its tokenizer and texts, as files: what tests of text recipes start from."""

from __future__ import annotations

import csv
import itertools
import json
from pathlib import Path
from typing import Any

WORDS = ["the", "a", "dog", "cat", "bird", "sees", "hears", "likes", "big", "small", "red", "not"]

RECIPE = """
schema = 1
title = "tiny text"
task = "{task}"
samples = 2
[model]
source = "model"
[data]
source = "data.csv"
[data.tokens]
max_length = 16
[data.calibration]
split = "all[:12]"
samples = 6
[data.evaluation]
split = "all[12:]"
[measure]
latency = false
throughput = false
tokens = 16
[[variants]]
name = "int8"
components.model = {{ method = "quantize" }}
"""


def write_text_folder(folder: Path, task: str = "text-classification") -> Path:
    """Writes recipe, model folder and data, and returns the recipe's path."""
    head = "BertForSequenceClassification" if task == "text-classification" else "BertModel"
    write_bert(folder / "model", head)
    write_pairs(folder / "data.csv", task)
    recipe = folder / "tiny.toml"
    recipe.write_text(RECIPE.format(task=task))
    return recipe


def write_bert(folder: Path, head: str, **configuration: Any) -> None:
    """Writes a random BERT of one layer with a WordPiece tokenizer, in Hugging Face layout."""
    import torch
    import transformers

    torch.manual_seed(0)
    names = {0: "different", 1: "same"} if head.endswith("Classification") else None
    config = transformers.BertConfig(
        vocab_size=5 + len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=24,
        **({"id2label": names} if names else {}) | configuration,
    )
    getattr(transformers, head)(config).save_pretrained(folder)
    write_tokenizer(folder)


def write_tokenizer(folder: Path) -> None:
    """Writes the files of a BERT tokenizer that knows `WORDS`."""
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = {word: number for number, word in enumerate([*special, *WORDS])}
    made = BertWordPieceTokenizer(vocab=vocabulary, lowercase=True)
    tokenizer = BertTokenizerFast(tokenizer_object=made._tokenizer, model_max_length=24)
    tokenizer.save_pretrained(folder)


def write_pairs(path: Path, task: str, count: int = 36) -> None:
    """Pairs of texts of many lengths with labels, or scores, in turn."""
    words = itertools.cycle(WORDS)
    similar = task == "sentence-similarity"
    names = ["sentence1", "sentence2", "score"] if similar else ["text", "text_pair", "label"]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for number in range(count):
            texts = [" ".join(itertools.islice(words, 2 + (number * k) % 5)) for k in (1, 2)]
            writer.writerow([*texts, number % 5 / 4 if similar else number % 2])


def configure(folder: Path, name: str, **changes: Any) -> None:
    """Changes keys of one of a model's JSON files."""
    path = folder / name
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
