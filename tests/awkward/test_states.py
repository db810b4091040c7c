"""Models that remember, or whose inputs are states: a row's answer is that of a fresh request."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from tests.awkward.bare import cosine, first_outputs
from tests.awkward.graphs import linear, save, taken
from tests.awkward.judged import assert_tensors_are_bare, each_row
from tests.awkward.product import OneProcess
from tests.awkward.recipes import CALIBRATION, weights, write_recipe, write_rows


def test_a_state_does_not_leak_from_row_to_row(product: OneProcess, tmp_path: Path) -> None:
    """Out = W (x + memory), and the sum is what it remembers."""
    generator = np.random.default_rng(0)
    x = taken("x", [1, 16])
    start = ops.constant(np.zeros((1, 16), np.float32))
    total = ops.add(x, ops.read_value(start, "memory", ov.Type.f32, [1, 16]))
    y = linear(total, weights(generator, 8, 16))
    save(tmp_path / "model.xml", [x], {"y": y}, [ops.assign(total, "memory")])
    rows = generator.standard_normal((40, 16)).astype(np.float32)
    write_rows(tmp_path, x=rows)
    ran = product.run(write_recipe(tmp_path, "model.xml", "data.npz", columns={"x": "x"}))
    assert_tensors_are_bare(ran, each_row(x=rows[CALIBRATION:]))


def test_states_and_scalars_are_taken_as_they_are(product: OneProcess, tmp_path: Path) -> None:
    """A frame has no batch axis in the data, a state's batch axis is its second, a rate has none.

    As streaming models of speech have them: frame [1, 16], state [2, 1, 8], rate [].
    """
    generator = np.random.default_rng(0)
    frame, state = taken("frame", [1, 16]), taken("state", [2, 1, 8])
    rate = taken("rate", [], ov.Type.i64)
    scaled = ops.multiply(frame, ops.divide(ops.convert(rate, "f32"), ops.constant(np.float32(16))))
    first = ops.gather(state, ops.constant(0), ops.constant(0))
    summed = ops.add(
        linear(scaled, weights(generator, 8, 16)), linear(first, weights(generator, 8, 8))
    )
    found = linear(ops.tanh(summed), weights(generator, 4, 8))
    save(tmp_path / "model.xml", [frame, state, rate], {"found": found})
    frames = generator.standard_normal((40, 16)).astype(np.float32)
    states = generator.standard_normal((40, 2, 1, 8)).astype(np.float32)
    rates = generator.integers(8, 17, 40)
    write_rows(tmp_path, frame=frames, state=states, rate=rates)
    columns = {name: name for name in ("frame", "state", "rate")}
    ran = product.run(write_recipe(tmp_path, "model.xml", "data.npz", columns=columns))
    rows = [
        {"frame": frames[at][None], "state": states[at], "rate": rates[at]}
        for at in range(CALIBRATION, 40)
    ]
    assert_tensors_are_bare(ran, rows)


def test_vectors_without_a_batch_axis(product: OneProcess, tmp_path: Path) -> None:
    """The plugin gives INT8's answers one axis more than the file has: they are the same values."""
    generator = np.random.default_rng(0)
    x = taken("x", [8])
    hidden = ops.relu(linear(x, weights(generator, 16, 8)))
    save(tmp_path / "model.xml", [x], {"y": linear(hidden, weights(generator, 4, 16))})
    rows = generator.standard_normal((40, 8)).astype(np.float32)
    write_rows(tmp_path, x=rows)
    ran = product.run(write_recipe(tmp_path, "model.xml", "data.npz", columns={"x": "x"}))
    asked = [{"x": row} for row in rows[CALIBRATION:]]
    bare = {
        name: [answer.ravel() for answer in first_outputs(ran.file(name), asked)]
        for name in ("fp32", "int8")
    }
    near = np.mean([cosine(*pair) for pair in zip(bare["int8"], bare["fp32"], strict=True)])
    assert ran.variant("int8")["accuracy"]["value"] == pytest.approx(near, abs=1e-4)
    assert near > 0.9
    assert ran.rows[0]["predictions"]["int8"]["outputs"]["y"]["shape"] == [4]
