"""NaN and infinity: the row is named, and no number is an average over them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from openvino import opset13 as ops

from tests.awkward import bare
from tests.awkward.graphs import linear, save, taken
from tests.awkward.judged import each_row
from tests.awkward.product import OneProcess, Refused
from tests.awkward.recipes import CALIBRATION, weights, write_recipe, write_rows

ROWS = 40
BEFORE_COMPRESSION = ("", "convert", "evaluation data", "calibration data")


def write_network(folder: Path, *, logarithm: bool = False, broken: bool = False) -> None:
    """Write x [n, 16] → y [n, 8]: two linear layers, and a logarithm at the end or a NaN within."""
    generator = np.random.default_rng(0)
    first = weights(generator, 32, 16)
    if broken:
        first[3, 4] = np.nan
    x = taken("x", [-1, 16])
    y = linear(ops.tanh(linear(x, first)), weights(generator, 8, 32))
    save(folder / "model.xml", [x], {"y": ops.log(y) if logarithm else y})


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("row", [3, 20])
def test_a_row_that_is_not_finite(
    product: OneProcess, tmp_path: Path, value: float, row: int
) -> None:
    """Of calibration (3) or of evaluation (20): left out and named, the others are as bare."""
    write_network(tmp_path)
    rows = np.random.default_rng(1).standard_normal((ROWS, 16)).astype(np.float32)
    rows[row, 2] = value
    write_rows(tmp_path, x=rows)
    recipe = write_recipe(tmp_path, "model.xml", "data.npz", columns={"x": "x"})
    try:
        ran = product.run(recipe)
    except Refused as refused:
        assert refused.kind == "input" and refused.stage in BEFORE_COMPRESSION
        assert f"row {row}" in str(refused)
        return
    assert f"row {row}" in ran.told
    kept = [at for at in range(CALIBRATION, ROWS) if at != row]
    outputs = bare.first_outputs(ran.file("int8"), each_row(x=rows[kept]))
    wanted = bare.first_outputs(ran.file("fp32"), each_row(x=rows[kept]))
    near = np.mean([bare.cosine(a, b) for a, b in zip(outputs, wanted, strict=True)])
    assert ran.variant("int8")["accuracy"]["value"] == pytest.approx(near, abs=2e-3)
    assert ran.variant("int8")["accuracy"]["value"] > 0.95


def test_outputs_that_are_not_finite_are_named(product: OneProcess, tmp_path: Path) -> None:
    """The logarithm of a negative number, in almost every row."""
    write_network(tmp_path, logarithm=True)
    rows = np.random.default_rng(1).standard_normal((ROWS, 16)).astype(np.float32)
    write_rows(tmp_path, x=rows)
    recipe = write_recipe(tmp_path, "model.xml", "data.npz", columns={"x": "x"})
    try:
        ran = product.run(recipe)
    except Refused as refused:
        assert refused.kind == "input" and "compress" not in refused.stage
        assert "NaN" in str(refused) and "samples of data.npz" in str(refused)
        return
    assert "NaN" in ran.told or "finite" in ran.told
    assert math.isfinite(ran.variant("int8")["accuracy"]["value"])


def test_weights_that_are_not_finite_stop_the_run(product: OneProcess, tmp_path: Path) -> None:
    write_network(tmp_path, broken=True)
    rows = np.random.default_rng(1).standard_normal((ROWS, 16)).astype(np.float32)
    write_rows(tmp_path, x=rows)
    recipe = write_recipe(tmp_path, "model.xml", "data.npz", columns={"x": "x"})
    refused = product.refusal(recipe)
    assert refused.kind == "input"
    assert refused.stage in BEFORE_COMPRESSION
    assert "NaN" in str(refused) or "finite" in str(refused)
