"""A recipe of a few seconds, whose stages stop where a test wants them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

RECIPE = """\
schema = 1
title = "Held"
task = "image-classification"
metric = "held.py:score"
samples = 4

[model]
source = "held.py:model"

[data]
source = "held.py:rows"
labels = ["a", "b", "c", "d"]

[data.preprocessing]
mean = [0.5, 0.5, 0.5]
std = [0.5, 0.5, 0.5]

[data.calibration]
split = "calibration"

[data.evaluation]
split = "evaluation"

[measure]
seconds = 0.1
blocks = 2

[[variants]]
name = "int8"
components.model = { method = "quantize" }
"""

CODE = '''\
import ctypes
from pathlib import Path

import numpy as np


def hold(place):
    """Stop at a place while a test wants it, in C code that never gives Python a turn."""
    folder = Path(__file__).parent
    if (folder / f"hold-{place}").exists():
        (folder / f"at-{place}").touch()
        ctypes.PyDLL(None).sleep(120)


def model(seed=0):
    import torch
    from torch import nn

    hold("convert")
    torch.manual_seed(seed)
    layers = [nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.ReLU()]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(8 * 6 * 6, 4))


def rows(split):
    hold(split)
    arrays = np.load(Path(__file__).with_name("data.npz"))
    part = slice(None, 16) if split == "calibration" else slice(16, None)
    pairs = zip(arrays["image"][part], arrays["label"][part])
    return [{"image": image, "label": int(label)} for image, label in pairs]


def score(predictions, references):
    hold("evaluate")
    return [float(one == other) for one, other in zip(predictions, references)]
'''


def write_recipe(folder: Path) -> Path:
    """Writes recipe, code and data into a folder, and returns the recipe's path."""
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(0)
    np.savez(
        folder / "data.npz",
        image=generator.integers(0, 256, (48, 8, 8, 3), dtype=np.uint8),
        label=generator.integers(0, 4, 48),
    )
    (folder / "held.py").write_text(CODE)
    path = folder / "held.toml"
    path.write_text(RECIPE)
    return path
