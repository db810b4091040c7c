"""Pictures of one colour, and a network that tells which."""

from __future__ import annotations

from typing import Any

import numpy as np
from openvino import opset13 as ops

from tests.awkward.graphs import linear

COLOURS = ("red", "green", "blue", "dark")


def coloured(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Pictures [N, 8, 8, 3] of one colour or dark, and which, so that a mean over pixels tells."""
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 4, count)
    pictures = generator.integers(0, 60, (count, 8, 8, 3))
    for picture, label in zip(pictures, labels, strict=True):
        picture[..., label : label + 1] += 180 * (label < 3)
    return pictures.astype(np.uint8), labels


def scores_of_colours(picture: Any) -> Any:
    """One score for each of `COLOURS` from a picture [n, 3, 8, 8] between 0 and 1."""
    mean = ops.reduce_mean(picture, ops.constant([2, 3]), False)
    matrix = [[2, -1, -1], [-1, 2, -1], [-1, -1, 2], [-1.2, -1.2, -1.2]]
    return ops.add(
        linear(mean, np.float32(8) * np.array(matrix, np.float32)),
        ops.constant(np.array([[0, 0, 0, 4]], np.float32)),
    )


def as_the_model_takes_them(pictures: np.ndarray) -> list[dict[str, np.ndarray]]:
    """Rows of `pixel_values`, float32 [1, 3, 8, 8] between 0 and 1."""
    pixels = pictures.transpose(0, 3, 1, 2).astype(np.float32) / 255
    return [{"pixel_values": row[None]} for row in pixels]
