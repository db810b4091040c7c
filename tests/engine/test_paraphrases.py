"""The demo's sentence pairs, and the model that was trained on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ovtui.core.recipes.source import PythonFunction, data_source
from ovtui.engine.hub.python_function import call_function

DEMO = Path(__file__).parents[2] / "recipes" / "demo"


def pairs(split: str) -> list[dict[str, Any]]:
    """One split of the demo's rows."""
    source = data_source("paraphrases.py:pairs", DEMO)
    assert isinstance(source, PythonFunction)
    return call_function(source, "paraphrases.py:pairs", split)


def test_splits_are_balanced_and_have_no_pair_in_common() -> None:
    train, test = pairs("train"), pairs("test")
    assert [row["label"] for row in test].count("same") == len(test) / 2
    texts = [{(row["text"], row["text_pair"]) for row in rows} for rows in (train, test)]
    assert not texts[0] & texts[1]
    assert pairs("test") == test


def test_the_demos_model_knows_a_paraphrase() -> None:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    folder = DEMO / "bert-paraphrase"
    assert sum(path.stat().st_size for path in folder.iterdir()) < 3e6
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    rows = pairs("test")[:200]
    texts = [[row[name] for row in rows] for name in ("text", "text_pair")]
    with torch.inference_mode():
        found = model(**tokenizer(*texts, padding=True, return_tensors="pt")).logits.argmax(1)
    right = sum(
        model.config.id2label[label] == row["label"]
        for label, row in zip(found.tolist(), rows, strict=True)
    )
    assert right / len(rows) == pytest.approx(1, abs=0.06)
