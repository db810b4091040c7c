"""Calibration that shows too little of the data is warned of; the numbers are the file's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from openvino import opset13 as ops

from tests.awkward.graphs import linear, save, taken
from tests.awkward.judged import assert_tensors_are_bare, each_row
from tests.awkward.product import OneProcess
from tests.awkward.recipes import CALIBRATION, weights, write_recipe, write_rows

ROWS = 40


def write_network(folder: Path) -> np.ndarray:
    """Write a model of two linear layers, x [1, 16] → y [1, 8]; random rows for it."""
    generator = np.random.default_rng(0)
    x = taken("x", [1, 16])
    y = linear(ops.relu(linear(x, weights(generator, 32, 16))), weights(generator, 8, 32))
    save(folder / "model.xml", [x], {"y": y})
    return generator.standard_normal((ROWS, 16)).astype(np.float32)


@pytest.mark.parametrize("kind", ["one", "equal", "zeros"])
def test_few_or_constant_samples(product: OneProcess, tmp_path: Path, kind: str) -> None:
    rows = write_network(tmp_path)
    if kind == "equal":
        rows[:CALIBRATION] = rows[0]
    if kind == "zeros":
        rows[:CALIBRATION] = 0
    write_rows(tmp_path, x=rows)
    recipe = write_recipe(tmp_path, "model.xml", "data.npz", columns={"x": "x"})
    few = ["data.calibration.samples=1"] if kind == "one" else []
    ran = product.run(recipe, *few)
    assert "calibration" in ran.told
    assert_tensors_are_bare(ran, each_row(x=rows[CALIBRATION:]))


def test_one_row_to_evaluate_settles_nothing(product: OneProcess, tmp_path: Path) -> None:
    """The interval of a cosine stays between -1 and 1, and one row is no proof."""
    rows = write_network(tmp_path)
    write_rows(tmp_path, x=rows)
    recipe = write_recipe(
        tmp_path, "model.xml", "data.npz", columns={"x": "x"}, head="max_drop = 0.001"
    )
    ran = product.run(recipe, "data.evaluation.samples=1")
    assert_tensors_are_bare(ran, each_row(x=rows[[int(row["id"]) for row in ran.rows]]))
    low, high = ran.variant("int8")["accuracy"]["ci95"]
    assert -1 <= low <= high <= 1
    assert ran.comparison("int8")["verdict"] == "not enough samples"
