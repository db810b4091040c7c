"""Every output of every row counts, whatever its size, name or number of rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from openvino import opset13 as ops

from tests.awkward import bare
from tests.awkward.graphs import linear, save, taken
from tests.awkward.judged import each_row
from tests.awkward.product import OneProcess
from tests.awkward.recipes import CALIBRATION, weights, write_recipe, write_rows

ROWS = 40


@pytest.mark.parametrize("first", ["large", "small"])
def test_a_second_output_of_zeros_is_no_pass(
    product: OneProcess, tmp_path: Path, first: str
) -> None:
    """Half the channels are 4 000 times as large as the others, which one step of INT8 swallows.

    One output is made of the large ones and stays as it is; the other is made of the small ones.
    """
    generator = np.random.default_rng(0)
    x = taken("x", [1, 16])
    size = np.where(np.arange(32) < 16, 1.0, 1 / 4000).astype(np.float32)
    hidden = ops.relu(ops.multiply(linear(x, weights(generator, 32, 16)), ops.constant(size)))
    large, small = weights(generator, 4, 32), weights(generator, 4, 32)
    large[:, 16:], small[:, :16] = 0, 0
    outputs = {"large": linear(hidden, large), "small": linear(hidden, 4000 * small)}
    if first == "small":
        outputs = dict(reversed(outputs.items()))
    save(tmp_path / "model.xml", [x], outputs)
    rows = generator.standard_normal((ROWS, 16)).astype(np.float32)
    write_rows(tmp_path, x=rows)
    recipe = write_recipe(
        tmp_path, "model.xml", "data.npz", columns={"x": "x"}, head="max_drop = 0.05"
    )
    ran = product.run(recipe)
    fed = each_row(x=rows[CALIBRATION:])
    fp32, int8 = (bare.answers(ran.file(name), fed) for name in ("fp32", "int8"))
    near = {
        name: float(np.mean([bare.cosine(a[at], b[at]) for a, b in zip(fp32, int8, strict=True)]))
        for at, name in enumerate(outputs)
    }
    assert near["large"] > 0.95 and near["small"] < 0.5
    assert ran.comparison("int8")["verdict"] != "pass"
    assert ran.variant("int8")["accuracy"]["value"] < 0.9


def test_another_number_of_rows_counts(product: OneProcess, tmp_path: Path) -> None:
    """A detector's: the rows whose score is above zero; INT8 keeps one more or less at times."""
    generator = np.random.default_rng(0)
    x = taken("x", [1, 8, 16])
    hidden = ops.tanh(linear(x, weights(generator, 32, 16)))
    found = ops.squeeze(linear(hidden, weights(generator, 1, 32)), ops.constant([0, 2]))
    kept = ops.squeeze(
        ops.non_zero(ops.greater(found, ops.constant(np.float32(0)))), ops.constant(0)
    )
    boxes = ops.squeeze(linear(hidden, weights(generator, 2, 32)), ops.constant([0]))
    save(tmp_path / "model.xml", [x], {"boxes": ops.gather(boxes, kept, ops.constant(0))})
    rows = generator.standard_normal((120, 8, 16)).astype(np.float32)
    write_rows(tmp_path, x=rows)
    recipe = write_recipe(tmp_path, "model.xml", "data.npz", columns={"x": "x"})
    ran = product.run(recipe)
    fed = each_row(x=rows[CALIBRATION:])
    fp32, int8 = (bare.first_outputs(ran.file(name), fed) for name in ("fp32", "int8"))
    other = [one.shape != two.shape for one, two in zip(fp32, int8, strict=True)]
    assert 0 < sum(other) < len(other) / 2
    pairs, told = list(zip(fp32, int8, strict=True)), ran.variant("int8")
    strict = float(np.mean([bare.cosine(*pair) for pair in pairs]))
    padded = float(np.mean([_cosine_of_rows(*pair) for pair in pairs]))
    assert told["accuracy"]["value"] == pytest.approx(strict, abs=5e-3)
    assert told["agreement"]["cosine"] == pytest.approx(padded, abs=5e-3)
    assert told["agreement"]["outputs"][0]["other_shape"] == sum(other)
    assert told["agreement"]["value"] <= 1 - sum(other) / len(other)


def _cosine_of_rows(one: np.ndarray, other: np.ndarray) -> float:
    """Of two lists of boxes [n, 2], the shorter one going on with zeros."""
    longest = max(len(one), len(other))
    padded = [np.pad(rows, ((0, longest - len(rows)), (0, 0))) for rows in (one, other)]
    return bare.cosine(*padded)


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
