"""Inputs that could be taken for others, go by odd names, or are of another type than the data."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from tests.awkward.graphs import linear, save, taken
from tests.awkward.judged import assert_tensors_are_bare, each_row
from tests.awkward.product import OneProcess, Refused
from tests.awkward.recipes import CALIBRATION, weights, write_recipe, write_rows

ROWS = 40


def test_two_inputs_of_one_shape_go_by_name(product: OneProcess, tmp_path: Path) -> None:
    """The columns are called otherwise than the inputs, and named in another order."""
    generator = np.random.default_rng(0)
    a, b = taken("a", [1, 16]), taken("b", [1, 16])
    of_a, of_b = linear(a, weights(generator, 8, 16)), linear(b, weights(generator, 8, 16))
    y = ops.subtract(of_a, ops.tanh(of_b))
    save(tmp_path / "model.xml", [a, b], {"y": y})
    left, right = generator.standard_normal((2, ROWS, 16)).astype(np.float32)
    write_rows(tmp_path, right=right, left=left)
    recipe = write_recipe(tmp_path, "model.xml", "data.npz", columns={"b": "right", "a": "left"})
    ran = product.run(recipe)
    assert_tensors_are_bare(ran, each_row(a=left[CALIBRATION:], b=right[CALIBRATION:]))

    recipe = write_recipe(tmp_path, "model.xml", "data.npz", columns={"b": "right", "aa": "left"})
    refused = product.refusal(recipe)
    assert refused.kind == "input"
    assert "aa" in str(refused) and "input a" in str(refused)


@pytest.mark.parametrize(
    "name", ["reference", "input:0", "x.1", "a#0", "a b", "/in/put", "<x>&\"'", "вход", "label"]
)
def test_whatever_an_input_is_called(product: OneProcess, tmp_path: Path, name: str) -> None:
    generator = np.random.default_rng(0)
    x = taken(name, [1, 16])
    y = linear(ops.relu(linear(x, weights(generator, 16, 16))), weights(generator, 8, 16))
    save(tmp_path / "model.xml", [x], {"y": y})
    rows = generator.standard_normal((ROWS, 16)).astype(np.float32)
    write_rows(tmp_path, x=rows)
    ran = product.run(write_recipe(tmp_path, "model.xml", "data.npz", columns={name: "x"}))
    (port,) = ov.Core().read_model(ran.file("fp32")).inputs
    assert_tensors_are_bare(ran, each_row(**{port.any_name: rows[CALIBRATION:]}))


def test_control_characters_in_the_names_of_nodes(product: OneProcess, tmp_path: Path) -> None:
    """OpenVINO writes and reads such an IR, which is no XML for others."""
    generator = np.random.default_rng(0)
    x = taken("x", [1, 16])
    hidden = linear(x, weights(generator, 16, 16))
    hidden.set_friendly_name("tab\tline\n\x01")
    y = linear(ops.relu(hidden), weights(generator, 8, 16))
    save(tmp_path / "model.xml", [x], {"y": y})
    with pytest.raises(ElementTree.ParseError):
        ElementTree.parse(tmp_path / "model.xml")
    rows = generator.standard_normal((ROWS, 16)).astype(np.float32)
    write_rows(tmp_path, x=rows)
    ran = product.run(write_recipe(tmp_path, "model.xml", "data.npz", columns={"x": "x"}))
    assert_tensors_are_bare(ran, each_row(x=rows[CALIBRATION:]))


def test_rows_of_float64(product: OneProcess, tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    x = taken("x", [1, 16])
    save(tmp_path / "model.xml", [x], {"y": linear(ops.tanh(x), weights(generator, 8, 16))})
    rows = generator.standard_normal((ROWS, 16))
    write_rows(tmp_path, x=rows)
    ran = product.run(write_recipe(tmp_path, "model.xml", "data.npz", columns={"x": "x"}))
    assert_tensors_are_bare(ran, each_row(x=rows[CALIBRATION:].astype(np.float32)))


TABLE = 20


def write_table(folder: Path) -> None:
    """Write a model that looks up ids [1, 4] in a table of `TABLE` rows."""
    generator = np.random.default_rng(0)
    x = taken("ids", [1, 4], ov.Type.i64)
    rows = ops.gather(ops.constant(weights(generator, TABLE, 8)), x, ops.constant(0))
    y = linear(ops.reduce_mean(rows, ops.constant([1]), False), weights(generator, 4, 8))
    save(folder / "model.xml", [x], {"y": y})


@pytest.mark.parametrize("value", [3.7, np.nan])
def test_a_fraction_is_no_id(product: OneProcess, tmp_path: Path, value: float) -> None:
    write_table(tmp_path)
    ids = np.random.default_rng(1).integers(0, TABLE, (ROWS, 4)).astype(np.float32)
    ids[20, 1] = value
    write_rows(tmp_path, ids=ids)
    recipe = write_recipe(tmp_path, "model.xml", "data.npz", columns={"ids": "ids"})
    try:
        told = product.run(recipe).told  # without the row
    except Refused as refused:
        assert refused.kind == "input" and "ids" in str(refused)
        told = str(refused)
    assert "row 20" in told


def test_whole_numbers_stored_as_floats_are_ids(product: OneProcess, tmp_path: Path) -> None:
    write_table(tmp_path)
    ids = np.random.default_rng(1).integers(0, TABLE, (ROWS, 4))
    write_rows(tmp_path, ids=ids.astype(np.float32))
    recipe = write_recipe(tmp_path, "model.xml", "data.npz", columns={"ids": "ids"})
    assert_tensors_are_bare(product.run(recipe), each_row(ids=ids[CALIBRATION:]))
