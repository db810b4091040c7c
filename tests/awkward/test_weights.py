"""Weights that are stored otherwise, used twice, or not there to be quantized."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from tests.awkward.graphs import linear, save, taken
from tests.awkward.judged import assert_tensors_are_bare, each_row
from tests.awkward.product import OneProcess, Ran
from tests.awkward.recipes import CALIBRATION, weights, write_recipe, write_rows

ROWS = 40


def run_on_random_rows(product: OneProcess, folder: Path, *settings: str) -> Ran:
    """Run the model of a folder, x [1, 16], and compare every answer."""
    rows = np.random.default_rng(1).standard_normal((ROWS, 16)).astype(np.float32)
    write_rows(folder, x=rows)
    recipe = write_recipe(folder, "model.xml", "data.npz", columns={"x": "x"})
    ran = product.run(recipe, *settings)
    assert_tensors_are_bare(ran, each_row(x=rows[CALIBRATION:]))
    return ran


def _constant(values: np.ndarray, stored: str) -> Any:
    """Float32 values as a constant of another type: bf16 is the upper half of f32."""
    if stored != "bf16":
        return ops.constant(values.astype({"f16": np.float16, "f64": np.float64}[stored]))
    upper = (values.view(np.uint32) >> 16).astype(np.uint16)
    return ops.constant(ov.Tensor(upper, values.shape, ov.Type.bf16))


def test_weights_that_two_layers_share(product: OneProcess, tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    shared = ops.constant(weights(generator, 16, 16))
    x = taken("x", [1, 16])
    hidden = ops.relu(ops.matmul(x, shared, False, True))
    hidden = ops.relu(ops.matmul(hidden, shared, False, True))
    save(tmp_path / "model.xml", [x], {"y": linear(hidden, weights(generator, 8, 16))})
    run_on_random_rows(product, tmp_path)


def _write_throughout(folder: Path, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Write relu(W x) of one type, and rows; the rows and W."""
    generator = np.random.default_rng(0)
    matrix = weights(generator, 8, 16)
    x = taken("x", [1, 16], getattr(ov.Type, kind))
    y = ops.matmul(x, _constant(matrix, kind), False, True)
    save(folder / "model.xml", [x], {"y": ops.relu(y)})
    rows = generator.standard_normal((ROWS, 16)).astype(np.float32)
    write_rows(folder, x=rows)
    return rows, matrix
