"""A plain graph of a convolution and a linear layer, as an IR."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino as ov
from openvino import opset13 as ops


def save(folder: Path, shape: list[int], name: str = "tiny") -> Path:
    """Writes a convolution and a matrix product with an input named `image`, and returns its
    path.
    """
    generator = np.random.default_rng(0)
    kernel = generator.standard_normal((4, 3, 3, 3)).astype(np.float32)
    weight = generator.standard_normal((4, 5)).astype(np.float32)
    image = ops.parameter(shape, np.float32, name="image")
    image.output(0).set_names({"image"})
    maps = ops.relu(ops.convolution(image, kernel, [1, 1], [1, 1], [1, 1], [1, 1]))
    means = ops.reduce_mean(maps, np.array([2, 3]))
    model = ov.Model([ops.matmul(means, weight, False, False)], [image], name)
    ov.save_model(model, folder / f"{name}.xml", compress_to_fp16=False)
    return folder / f"{name}.xml"
