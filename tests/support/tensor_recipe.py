"""A recipe of the task `tensors`, its metrics and its model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino as ov
from openvino import opset13 as ops

RECIPE = """
schema = 1
title = "tensors"
task = "tensors"
[model]
source = "model.xml"
[data]
source = "data.npz"
columns = { x = "x", reference = "y" }
[data.calibration]
split = "all[:8]"
[data.evaluation]
split = "all[8:]"
[[variants]]
name = "int8"
components.model = { method = "quantize" }
"""


METRICS = """
import numpy as np


def near(outputs, references):
    assert outputs[0]["boxes"].shape == (2, 4) and outputs[0]["scores"].shape == (3,)
    assert all(reference.shape == (2, 4) for reference in references)
    return [-np.abs(got["boxes"] - want).mean() for got, want in zip(outputs, references)]


def beside(outputs, references, baseline):
    assert references == [None] * len(outputs)
    return [-np.abs(a["boxes"] - b["boxes"]).max() for a, b in zip(outputs, baseline)]


def named(outputs, references, *, baseline):
    return beside(outputs, references, baseline)


def arrays(outputs, references):
    return [got["boxes"] for got in outputs]


def mean(outputs, references):
    return 0.5


def infinite(outputs, references):
    return [float("nan")] * len(outputs)


def dead(outputs, references):
    return [1.0] * len(outputs)


def zero(outputs, references):
    return [0.0] * len(outputs)


def right(outputs, references):
    return [float(got["scores"].argmax() == 2) for got in outputs]
"""


CHANCE = np.random.default_rng(0)


def model_of(folder: Path) -> ov.Model:
    """Writes a model with the outputs `boxes` [n, 2, 4] and `scores` [n, 3] as `model.xml`."""
    x = ops.parameter([-1, 4], ov.Type.f32, name="x")
    boxes = ops.reshape(ops.concat([x, x], 1), np.array([-1, 2, 4]), special_zero=False)
    scores = ops.matmul(x, np.ones((4, 3), np.float32), False, False)
    for node, name in ((x, "x"), (boxes, "boxes"), (scores, "scores")):
        node.output(0).get_tensor().set_names({name})
    model = ov.Model([boxes, scores], [x])
    ov.save_model(model, folder / "model.xml")
    return model
