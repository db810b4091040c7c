"""Weights that are stored otherwise, used twice, or not there to be quantized."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from ovtui import cli
from ovtui.core.runs import run_folder
from ovtui.core.runs.events import Failed
from tests.awkward.graphs import linear, save, taken
from tests.awkward.judged import assert_tensors_are_bare, each_row
from tests.awkward.product import OneProcess, Ran, read
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


@pytest.mark.parametrize("stored", ["f16", "bf16"])
@pytest.mark.parametrize("batch", [1, -1])
def test_weights_of_half_precision(
    product: OneProcess, tmp_path: Path, stored: str, batch: int
) -> None:
    generator = np.random.default_rng(0)

    def half(*shape: int) -> Any:
        return ops.convert(_constant(weights(generator, *shape), stored), "f32")

    x = taken("x", [batch, 16])
    hidden = ops.relu(ops.matmul(x, half(64, 16), False, True))
    save(tmp_path / "model.xml", [x], {"y": ops.matmul(hidden, half(8, 64), False, True)})
    graph = ov.Core().read_model(tmp_path / "model.xml")
    types = {op.get_element_type().get_type_name() for op in graph.get_ops()}
    assert stored in types
    run_on_random_rows(product, tmp_path)


def _constant(values: np.ndarray, stored: str) -> Any:
    """Float32 values as a constant of another type."""
    return ops.constant(values, dtype=getattr(ov.Type, stored))


def test_weights_that_two_layers_share(product: OneProcess, tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    shared = ops.constant(weights(generator, 16, 16))
    x = taken("x", [1, 16])
    hidden = ops.relu(ops.matmul(x, shared, False, True))
    hidden = ops.relu(ops.matmul(hidden, shared, False, True))
    save(tmp_path / "model.xml", [x], {"y": linear(hidden, weights(generator, 8, 16))})
    run_on_random_rows(product, tmp_path)


@pytest.mark.parametrize("graph", ["elementwise", "identity"])
def test_nothing_to_quantize_is_told_and_passes(
    product: OneProcess, tmp_path: Path, graph: str
) -> None:
    x = taken("x", [1, 16])
    y = (
        ops.tanh(ops.sin(x))
        if graph == "elementwise"
        else ops.reshape(x, ops.constant([1, 16]), False)
    )
    save(tmp_path / "model.xml", [x], {"y": y})
    ran = run_on_random_rows(product, tmp_path, "max_drop=0.01")
    assert "nothing to compress" in ran.told
    assert ran.comparison("int8")["verdict"] == "pass"
    assert ran.variant("int8")["accuracy"]["value"] == 1


@pytest.mark.parametrize("kind", ["f16", "f64"])
def test_a_graph_of_another_type_throughout(product: OneProcess, tmp_path: Path, kind: str) -> None:
    rows, _ = _write_throughout(tmp_path, kind)
    recipe = write_recipe(tmp_path, "model.xml", "data.npz", columns={"x": "x"})
    fed = rows[CALIBRATION:].astype({"f16": np.float16, "f64": np.float64}[kind])
    assert_tensors_are_bare(product.run(recipe), each_row(x=fed))


def test_a_graph_of_bf16_throughout(home: Path, tmp_path: Path) -> None:
    """NumPy has no bf16: its rows are rounded to it, or it is refused; no process dies of it."""
    rows, matrix = _write_throughout(tmp_path, "bf16")
    recipe = write_recipe(tmp_path, "model.xml", "data.npz", columns={"x": "x"})
    status = cli.main(["run", str(recipe)])
    run = next(run_folder.every())
    if status:
        outcome = run.outcome()
        assert isinstance(outcome, Failed) and outcome.kind == "input", outcome
        assert "bf16" in outcome.message
        return
    wanted = np.maximum(rows @ matrix.T, 0)
    rows_read = read(run).rows
    assert rows_read
    for row in rows_read:
        values = row["predictions"]["fp32"]["values"]
        assert values == pytest.approx(
            wanted[int(row["id"])].tolist(), abs=0.02 * float(wanted.max())
        )


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
