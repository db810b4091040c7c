"""Which class an output means: right, or refused; never a number of classes that were mixed up."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops
from PIL import Image

from tests.awkward.graphs import linear, save, taken
from tests.awkward.judged import assert_classes_are_bare
from tests.awkward.product import OneProcess, Ran
from tests.awkward.recipes import CALIBRATION, write_recipe

ROWS = 48
STEPS = 12
"""Classes of brightness."""


def write_brightness(folder: Path) -> None:
    """Write a model of `STEPS` classes: the nearer the mean to a step's middle, the higher."""
    x = taken("pixel_values", [-1, 3, 8, 8])
    mean = ops.reduce_mean(x, ops.constant([1, 2, 3]), False)
    middle = (np.arange(STEPS, dtype=np.float32) + 0.5) / STEPS
    scores = ops.add(
        linear(ops.unsqueeze(mean, ops.constant(1)), 400 * middle[:, None]),
        ops.constant(-200 * middle[None] ** 2),
    )
    save(folder / "model.xml", [x], {"logits": scores})


def bright(step: int, generator: np.random.Generator) -> np.ndarray:
    """A picture, uint8 [8, 8, 3], of one of the classes."""
    middle = (step + 0.5) / STEPS * 255
    return np.clip(generator.normal(middle, 2, (8, 8, 3)), 0, 255).astype(np.uint8)


def write_folders(folder: Path, names: Mapping[int, str]) -> None:
    """Write four pictures of each class into `train` and `test`, in folders of these names."""
    generator = np.random.default_rng(0)
    for split in ("train", "test"):
        for step, name in names.items():
            place = folder / "pictures" / split / name
            place.mkdir(parents=True)
            for number in range(4):
                Image.fromarray(bright(step, generator)).save(place / f"{number}.png")


NAMES = ("CONTRADICTION", "NEUTRAL", "ENTAILMENT")
"""The model's classes, by index."""


class Texts:
    """Random texts with what a random BERT of three classes makes of them, bare."""

    def __init__(self, folder: Path) -> None:
        from transformers import AutoTokenizer, BertForSequenceClassification

        from tests.tiny_text import WORDS, write_bert

        self.folder = folder
        place = folder / "model"
        ids = dict(enumerate(NAMES))
        write_bert(place, "BertForSequenceClassification", id2label=ids, initializer_range=1.0)
        generator = np.random.default_rng(0)
        self.texts = [
            " ".join(generator.choice(WORDS, generator.integers(2, 9))) for _ in range(ROWS)
        ]
        model = BertForSequenceClassification.from_pretrained(place).eval()
        tokenizer = AutoTokenizer.from_pretrained(place)
        self.answers = [
            int(model(**tokenizer(text, return_tensors="pt")).logits.argmax())
            for text in self.texts
        ]
        assert set(self.answers) == {0, 1, 2}

    def assert_right(self, ran: Ran) -> None:
        """Answers and accuracy are those of bare OpenVINO; the baseline has every text right."""
        from transformers import AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(self.folder / "model")
        inputs = {port.any_name for port in ov.Core().read_model(ran.file("fp32")).inputs}
        rows = []
        for text in self.texts[CALIBRATION:]:
            tokens = tokenizer(text, return_tensors="np")
            rows.append({name: tokens[name] for name in inputs})
        assert_classes_are_bare(ran, rows, self.answers[CALIBRATION:], NAMES)
        assert ran.variant("fp32")["accuracy"]["value"] == 1

    def recipe(self, data: str) -> Path:
        """A recipe on texts and labels of a file."""
        return write_recipe(self.folder, "model", data, task="text-classification")

    def write_csv(self, labels: list[Any]) -> Path:
        """Write the texts with these labels; the recipe's path."""
        with (self.folder / "data.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerows([("text", "label"), *zip(self.texts, labels, strict=True)])
        return self.recipe("data.csv")

    def write_parquet(self, names: list[str]) -> Path:
        """Write the texts with the right labels as indices into these names; the recipe's path."""
        import datasets

        order = [name.upper() for name in names]
        labels = [order.index(NAMES[answer]) for answer in self.answers]
        features = datasets.Features(
            {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=names)}
        )
        table = datasets.Dataset.from_dict({"text": self.texts, "label": labels}, features)
        table.to_parquet(self.folder / "data.parquet")
        return self.recipe("data.parquet")


@pytest.fixture
def texts(tmp_path: Path) -> Texts:
    return Texts(tmp_path)


def test_a_name_that_the_model_does_not_have(product: OneProcess, texts: Texts) -> None:
    names = [NAMES[answer].replace("NEUTRAL", "NEUTRALL") for answer in texts.answers]
    refused = product.refusal(texts.write_csv(names))
    assert refused.kind == "input"
    assert "NEUTRALL" in str(refused) and "NEUTRAL" in str(refused)


def test_indices_are_the_models(product: OneProcess, texts: Texts) -> None:
    texts.assert_right(product.run(texts.write_csv(list(texts.answers))))
