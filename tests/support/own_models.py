"""Models and data as a person brings them, each with nothing of ovtui beside it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from tests.support.tiny import CLASSES, write_ir
from tests.support.tiny_text import WORDS, write_bert, write_pairs

DEMO = Path(__file__).parents[2] / "recipes" / "demo"
FEATURES = ("length", "width", "height", "weight")


def onnx_regressor(folder: Path) -> tuple[Path, Path]:
    """Returns two linear layers on four columns of a CSV file, which also has the price."""
    from onnx import TensorProto, helper, numpy_helper, save

    generator = np.random.default_rng(0)
    first, second = (
        generator.standard_normal(shape).astype(np.float32) for shape in ((4, 16), (16, 1))
    )
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["features", "first"], ["hidden"]),
            helper.make_node("Relu", ["hidden"], ["active"]),
            helper.make_node("MatMul", ["active", "second"], ["price"]),
        ],
        "regressor",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", 4])],
        [helper.make_tensor_value_info("price", TensorProto.FLOAT, ["n", 1])],
        [numpy_helper.from_array(first, "first"), numpy_helper.from_array(second, "second")],
    )
    opset = [helper.make_opsetid("", 17)]
    save(helper.make_model(graph, opset_imports=opset, ir_version=9), folder / "prices.onnx")
    rows = generator.random((60, 4)).astype(np.float32)
    prices = np.maximum(rows @ first, 0) @ second
    with (folder / "prices.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*FEATURES, "price"])
        writer.writerows(np.hstack([rows, prices]).tolist())
    return folder / "prices.onnx", folder / "prices.csv"


def ir_classifier(folder: Path) -> tuple[Path, Path]:
    """Returns a network for pictures of 16×16, and pictures of another size in folders by class."""
    (folder / "net").mkdir()
    write_ir(folder / "net" / "model.xml")
    write_pictures(folder / "pictures", CLASSES)
    return folder / "net" / "model.xml", folder / "pictures"


def hf_image_classifier(folder: Path) -> tuple[Path, Path]:
    """Returns a small ViT with its processor, and pictures in splits, in folders by class."""
    import torch
    import transformers

    torch.manual_seed(0)
    config = transformers.ViTConfig(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        image_size=32,
        patch_size=16,
        id2label={0: "truck", 1: "cat", 2: "dog"},
    )
    transformers.ViTForImageClassification(config).save_pretrained(folder / "vit")
    size = {"height": 32, "width": 32}
    transformers.ViTImageProcessor(size=size).save_pretrained(folder / "vit")
    for split in ("train", "test"):
        write_pictures(folder / "pictures" / split, ("cat", "dog", "truck"))
    return folder / "vit", folder / "pictures"


def hf_text_classifier(folder: Path) -> tuple[Path, Path]:
    """Returns a small BERT with two named classes, and texts with these names."""
    write_bert(folder / "bert", "BertForSequenceClassification")
    with (folder / "reviews.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "sentence", "label"])
        for number in range(40):
            words = [WORDS[(number * k) % len(WORDS)] for k in range(1, 4 + number % 5)]
            writer.writerow([number, " ".join(words), ("same", "different")[number % 2]])
    return folder / "bert", folder / "reviews.csv"


def hf_sentences(folder: Path) -> tuple[Path, Path]:
    """Returns a small BERT for sentences, and pairs of these with scores."""
    write_bert(folder / "sentences", "BertModel")
    write_pairs(folder / "pairs.csv", "sentence-similarity")
    return folder / "sentences", folder / "pairs.csv"


def whisper(folder: Path) -> tuple[Path, Path]:
    """Returns the demo's Whisper, and a CSV file of recordings with what is said."""
    with (DEMO / "spoken-digits" / "metadata.jsonl").open() as file:
        rows = [json.loads(line) for line in file][:12]
    with (folder / "talk.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["audio", "text"])
        for row in rows:
            shutil.copy(DEMO / "spoken-digits" / row["file"], folder)
            writer.writerow([row["file"], row["text"]])
    shutil.copytree(DEMO / "whisper-digits", folder / "whisper")
    return folder / "whisper", folder / "talk.csv"


def write_pictures(folder: Path, classes: tuple[str, ...], count: int = 10) -> None:
    """Pictures of 24×20 in a folder for each class."""
    generator = np.random.default_rng(0)
    for name in classes:
        (folder / name).mkdir(parents=True)
        for number in range(count):
            pixels = generator.integers(0, 256, (20, 24, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
