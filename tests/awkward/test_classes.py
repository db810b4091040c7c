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

from tests.awkward.colours import (
    COLOURS,
    as_the_model_takes_them,
    coloured,
    scores_of_colours,
)
from tests.awkward.graphs import linear, save, taken
from tests.awkward.judged import assert_classes_are_bare
from tests.awkward.product import OneProcess, Ran, Refused
from tests.awkward.recipes import CALIBRATION, write_recipe, write_rows

ROWS = 48
STEPS = 12
"""Classes of brightness."""


@pytest.mark.parametrize("kind", ["label and probabilities", "features and logits"])
def test_scores_that_are_not_the_first_output(
    product: OneProcess, tmp_path: Path, kind: str
) -> None:
    x = taken("pixel_values", [-1, 3, 8, 8])
    scores = scores_of_colours(x)
    if kind == "features and logits":
        features = ops.reduce_mean(x, ops.constant([2, 3]), False)
        outputs = {"features": features, "logits": scores}
    else:
        best = ops.topk(scores, ops.constant(1), 1, "max", "value").output(1)
        label = ops.squeeze(best, ops.constant([1]))
        outputs = {"label": label, "probabilities": ops.softmax(scores, 1)}
    save(tmp_path / "model.xml", [x], outputs)
    pictures, labels = coloured(ROWS)
    write_rows(tmp_path, image=pictures, label=labels)
    recipe = write_recipe(
        tmp_path, "model.xml", "data.npz", task="image-classification", labels=COLOURS
    )
    ran = product.run(recipe)
    rows, wanted = as_the_model_takes_them(pictures[CALIBRATION:]), labels[CALIBRATION:]
    assert_classes_are_bare(ran, rows, wanted, COLOURS, lambda outputs: int(outputs[1].argmax()))
    assert ran.variant("fp32")["accuracy"]["value"] == 1


def test_one_sigmoid_tells_two_classes(product: OneProcess, tmp_path: Path) -> None:
    x = taken("pixel_values", [-1, 3, 8, 8])
    mean = ops.reduce_mean(x, ops.constant([1, 2, 3]), False)
    bright = ops.multiply(ops.subtract(mean, ops.constant(np.float32(0.5))), np.float32(20))
    save(tmp_path / "model.xml", [x], {"y": ops.sigmoid(ops.unsqueeze(bright, ops.constant(1)))})
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 2, ROWS)
    pictures = generator.integers(0, 80, (ROWS, 8, 8, 3)) + 150 * labels[:, None, None, None]
    pictures = pictures.astype(np.uint8)
    write_rows(tmp_path, image=pictures, label=labels)
    recipe = write_recipe(
        tmp_path, "model.xml", "data.npz", task="image-classification", labels=["dark", "bright"]
    )
    try:
        ran = product.run(recipe)
    except Refused as refused:
        assert refused.kind == "input"
        assert "2" in str(refused) and "1" in str(refused)
        return
    rows, wanted = as_the_model_takes_them(pictures[CALIBRATION:]), labels[CALIBRATION:]
    assert_classes_are_bare(
        ran, rows, wanted, ["dark", "bright"], lambda outputs: int(outputs[0].item() > 0.5)
    )
    assert ran.variant("fp32")["accuracy"]["value"] == 1


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


def test_folders_of_numbers_are_numbers(product: OneProcess, tmp_path: Path) -> None:
    """0, 1, 10, 11, 2, … as text; class 10 is the eleventh."""
    write_brightness(tmp_path)
    write_folders(tmp_path, {step: str(step) for step in range(STEPS)})
    recipe = write_recipe(
        tmp_path, "model.xml", "pictures", task="image-classification", splits=("train", "test")
    )
    ran = product.run(recipe)
    for row in ran.rows:
        assert row["predictions"]["fp32"]["label"] == row["reference"]
    assert {row["reference"] for row in ran.rows} == {str(step) for step in range(STEPS)}
    assert ran.variant("fp32")["accuracy"]["value"] == 1


def test_folders_of_some_classes(product: OneProcess, tmp_path: Path) -> None:
    """Three of twelve: which outputs they mean cannot be known, unless all classes are named."""
    write_brightness(tmp_path)
    some = {3: "class 3", 5: "class 5", 7: "class 7"}
    write_folders(tmp_path, some)
    keywords: dict[str, Any] = {"task": "image-classification", "splits": ("train", "test")}
    refused = product.refusal(write_recipe(tmp_path, "model.xml", "pictures", **keywords))
    assert refused.kind == "input"
    assert "3" in str(refused) and "12" in str(refused) and "data.labels" in str(refused)

    names = [f"class {step}" for step in range(STEPS)]
    ran = product.run(write_recipe(tmp_path, "model.xml", "pictures", labels=names, **keywords))
    assert ran.variant("fp32")["accuracy"]["value"] == 1
    assert {row["reference"] for row in ran.rows} == set(some.values())


@pytest.mark.parametrize("names", [STEPS + 8, STEPS - 2])
def test_another_number_of_names_is_refused(
    product: OneProcess, tmp_path: Path, names: int
) -> None:
    write_brightness(tmp_path)
    write_folders(tmp_path, {step: str(step) for step in range(STEPS - 2)})
    recipe = write_recipe(
        tmp_path,
        "model.xml",
        "pictures",
        task="image-classification",
        splits=("train", "test"),
        labels=[str(step) for step in range(names)],
    )
    refused = product.refusal(recipe)
    assert refused.kind == "input"
    assert str(names) in str(refused) and str(STEPS) in str(refused)


def test_labels_from_one_are_refused(product: OneProcess, tmp_path: Path) -> None:
    """Class 12 of twelve does not exist where the first is 0."""
    write_brightness(tmp_path)
    generator = np.random.default_rng(0)
    steps = np.arange(ROWS) % STEPS
    write_rows(
        tmp_path, image=np.stack([bright(int(it), generator) for it in steps]), label=steps + 1
    )
    refused = product.refusal(
        write_recipe(tmp_path, "model.xml", "data.npz", task="image-classification")
    )
    assert refused.kind == "input"
    assert "12" in str(refused) and "label" in str(refused)


NAMES = ("CONTRADICTION", "NEUTRAL", "ENTAILMENT")
"""The model's classes, by index."""


class Texts:
    """Random texts with what a random BERT of three classes makes of them, bare."""

    def __init__(self, folder: Path) -> None:
        from transformers import AutoTokenizer, BertForSequenceClassification

        from tests.support.tiny_text import WORDS, write_bert

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


def test_names_in_another_order_and_case(product: OneProcess, texts: Texts) -> None:
    names = ["entailment", "neutral", "contradiction"]
    for recipe in (
        texts.write_parquet(names),
        texts.write_csv([NAMES[answer] for answer in texts.answers]),
        texts.write_csv([NAMES[answer].lower() for answer in texts.answers]),
    ):
        texts.assert_right(product.run(recipe))


def test_a_name_that_the_model_does_not_have(product: OneProcess, texts: Texts) -> None:
    names = [NAMES[answer].replace("NEUTRAL", "NEUTRALL") for answer in texts.answers]
    refused = product.refusal(texts.write_csv(names))
    assert refused.kind == "input"
    assert "NEUTRALL" in str(refused) and "NEUTRAL" in str(refused)


def test_names_of_which_none_is_the_models(product: OneProcess, tmp_path: Path) -> None:
    """`yes`, `maybe`, `no`: which output each means cannot be known."""
    import datasets

    texts = Texts(tmp_path)
    names = datasets.ClassLabel(names=["yes", "maybe", "no"])
    features = datasets.Features({"text": datasets.Value("string"), "label": names})
    table = {"text": texts.texts, "label": [2 - answer for answer in texts.answers]}
    datasets.Dataset.from_dict(table, features).to_parquet(tmp_path / "data.parquet")
    refused = product.refusal(texts.recipe("data.parquet"))
    assert refused.kind == "input"
    assert "yes" in str(refused) and NAMES[0] in str(refused) and "data.label_order" in str(refused)


def test_indices_are_the_models(product: OneProcess, texts: Texts) -> None:
    texts.assert_right(product.run(texts.write_csv(list(texts.answers))))
