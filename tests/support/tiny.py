"""A tiny image classifier with its data, as files: what tests of recipes start from."""

from __future__ import annotations

from pathlib import Path

import numpy as np

CLASSES = ("a", "b", "c", "d")

RECIPE = """
schema = 1
title = "tiny"
task = "image-classification"
samples = 2
[model]
source = "model.xml"
[data]
source = "data.npz"
labels = ["a", "b", "c", "d"]
[data.calibration]
split = "all[:16]"
samples = 8
[data.evaluation]
split = "all[16:]"
samples = 8
[measure]
latency = false
throughput = false
[[variants]]
name = "int8"
components.model = { method = "quantize" }
"""

PYTHON = '''
"""Functions that a recipe names."""
import os
import signal

import numpy as np


def rows(split):
    generator = np.random.default_rng({"train": 1, "test": 2}[split])
    pictures = generator.integers(0, 256, (12, 16, 16, 3), dtype=np.uint8)
    return [{"image": picture, "label": n % 4} for n, picture in enumerate(pictures)]


def no_rows(split):
    return []


def lists(split):
    return [[1, 2]]


def nothing(split):
    return None


def gaps(split):
    found = rows("train")
    del found[3]["label"]
    return found


def raises(*arguments):
    raise RuntimeError("boom \\x1b[31m[bold]red\\nsecond line")


def leaves(*arguments):
    raise SystemExit(3)


def killed(split):
    os.kill(os.getpid(), signal.SIGKILL)


def a_number():
    return 3


def right(predictions, references):
    return [float(got == want) for got, want in zip(predictions, references)]


def one_score(predictions, references):
    return [1.0]


def fails_late(predictions, references):
    assert len(predictions) < 3, "with all samples"
    return [1.0] * len(predictions)


def not_a_number(predictions, references):
    return [float("nan")] * len(predictions)
'''


def write_recipe_folder(folder: Path) -> Path:
    """Writes recipe, model, data and functions into a folder, and returns the recipe's path."""
    write_ir(folder / "model.xml")
    write_npz(folder / "data.npz")
    (folder / "code.py").write_text(PYTHON)
    recipe = folder / "tiny.toml"
    recipe.write_text(RECIPE)
    return recipe


def write_npz(path: Path, count: int = 32) -> None:
    """Writes random pictures with labels in turn."""
    pictures = np.random.default_rng(0).integers(0, 256, (count, 16, 16, 3), dtype=np.uint8)
    np.savez(path, image=pictures, label=np.arange(count) % len(CLASSES))


def write_ir(path: Path) -> None:
    """Writes two convolutions, a mean and a linear layer: float32 [1, 3, 16, 16] → [1, 4]."""
    import openvino as ov
    from openvino import opset13 as ops

    generator = np.random.default_rng(0)

    def weights(*shape: int) -> np.ndarray:
        return (generator.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))).astype(np.float32)

    picture = ops.parameter([1, 3, 16, 16], np.float32, name="pixel_values")
    picture.output(0).get_tensor().set_names({"pixel_values"})
    value = picture
    for number, channels in enumerate((3, 8)):
        place = {"strides": [1, 1], "pads_begin": [1, 1], "pads_end": [1, 1], "dilations": [1, 1]}
        value = ops.convolution(value, weights(8, channels, 3, 3), **place, name=f"conv{number}")
        value = ops.relu(ops.add(value, weights(1, 8, 1, 1)), name=f"relu{number}")
    value = ops.reduce_mean(value, np.array([2, 3]), keep_dims=False, name="mean")
    value = ops.matmul(value, weights(4, 8), False, True, name="linear")
    value.output(0).get_tensor().set_names({"logits"})
    ov.save_model(ov.Model([value], [picture], "tiny"), path, compress_to_fp16=False)


def cut(path: Path, keep: float = 0.5) -> None:
    """Leaves only the first part of a file."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
