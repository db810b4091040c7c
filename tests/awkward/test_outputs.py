"""Every output of every row counts, whatever its size, name or number of rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from openvino import opset13 as ops

from tests.awkward.graphs import linear, save, taken
from tests.awkward.product import OneProcess
from tests.awkward.recipes import weights, write_recipe, write_rows

ROWS = 40


def test_zeros_are_as_far_as_can_be(product: OneProcess, tmp_path: Path) -> None:
    """A variant whose answers are zeros has cosine 0, one whose baseline is zeros too has 1."""
    x = taken("x", [1, 16])
    gone = ops.multiply(x, ops.constant(np.zeros((1, 16), np.float32)))
    generator = np.random.default_rng(0)
    save(tmp_path / "model.xml", [x], {"y": linear(gone, weights(generator, 8, 16))})
    write_rows(tmp_path, x=generator.standard_normal((ROWS, 16)).astype(np.float32))
    ran = product.run(write_recipe(tmp_path, "model.xml", "data.npz", columns={"x": "x"}))
    assert ran.variant("int8")["accuracy"]["value"] == 1
    assert ran.variant("int8")["agreement"]["max_abs_difference"] == 0
