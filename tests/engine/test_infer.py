"""Whatever way samples are inferred: each is answered as a fresh request of the file answers it."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import nncf
import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops
from openvino.utils.types import make_constant_node

from ovtui.core.results.variant import SelfCheck
from ovtui.core.runs.run_folder import Run
from ovtui.engine.data.spool import Arrays, Spool, SpoolWriter
from ovtui.engine.evaluation.infer import Written, infer
from ovtui.engine.models.inference import differing
from ovtui.engine.store.progress import Journal
from tests.support.bare_openvino import answers
from tests.support.plain_graph import save

CORES = os.cpu_count() or 1
F32 = {"INFERENCE_PRECISION_HINT": "f32"}
MANY = 5 * CORES + 1


def inferred(
    path: Path, samples: list[Arrays], folder: Path
) -> tuple[SelfCheck, Any, list[list[np.ndarray]]]:
    """The check, the model that is left, and every sample's outputs."""
    folder.mkdir(exist_ok=True)
    with SpoolWriter(folder, "inputs") as writer:
        for sample in samples:
            writer.append(sample)
    spool, journal = Spool(folder, "inputs"), Journal(Run(folder), "evaluate")
    new_step = partial(journal.step, "x", len(samples))
    check, compiled = infer(Written(path, "CPU", F32), spool, folder, new_step)
    return check, compiled, [list(sample.values()) for sample in Spool(folder, "outputs")]


def save_graph(folder: Path, results: list[Any], inputs: list[Any], sinks: Any = ()) -> Path:
    """A graph whose inputs are called as its parameters."""
    for parameter in inputs:
        parameter.output(0).set_names({parameter.get_friendly_name()})
    model = ov.Model([ops.result(it) for it in results], list(sinks), inputs, "awkward")
    ov.save_model(model, folder / "awkward.xml", compress_to_fp16=False)
    return folder / "awkward.xml"


def floats(shape: tuple[int, ...], count: int = MANY) -> list[Arrays]:
    generator = np.random.default_rng(0)
    return [{"x": generator.standard_normal(shape).astype(np.float32)} for _ in range(count)]


def weights(*shape: int) -> Any:
    values = np.random.default_rng(1).standard_normal(shape) / np.sqrt(shape[-1])
    return make_constant_node(values.astype(np.float32))


def test_few_samples_leave_a_model_that_takes_one_at_a_time(tmp_path: Path) -> None:
    path = save(tmp_path, [-1, 3, 8, 8])
    samples = [{"image": it["x"]} for it in floats((1, 3, 8, 8), CORES)]
    check, compiled, outputs = inferred(path, samples, tmp_path / "out")
    assert check.way == "one by one" and check.equal
    assert "LATENCY" in str(compiled.get_property("PERFORMANCE_HINT")).upper()
    assert compiled.get_property("PERF_COUNT")
    assert np.allclose(outputs, answers(path, samples, **F32), atol=1e-6)


@pytest.mark.parametrize("rows", [-1, 1])
def test_pictures_are_taken_in_batches(tmp_path: Path, rows: int) -> None:
    path = save(tmp_path, [rows, 3, 8, 8])
    samples = [{"image": it["x"]} for it in floats((1, 3, 8, 8))]
    check, compiled, outputs = inferred(path, samples, tmp_path / "out")
    assert check.way.startswith("batches of") and check.equal and not check.refused
    assert check.checked == 8 and check.difference is not None and check.difference < 1e-5
    assert "LATENCY" in str(compiled.get_property("PERFORMANCE_HINT")).upper()
    assert np.allclose(outputs, answers(path, samples, **F32), atol=1e-5)


def _mean_of_the_batch(folder: Path) -> tuple[Path, list[Arrays]]:
    x = ops.parameter([-1, 1], np.float32, name="x")
    mean = ops.reduce_mean(x, np.array([0]), keep_dims=True)
    return save_graph(folder, [ops.add(x, mean)], [x]), floats((1, 1))


def _attention_over_the_batch(folder: Path) -> tuple[Path, list[Arrays]]:
    ids = ops.parameter([-1, 4], np.int64, name="ids")
    table = weights(10, 8)
    words = ops.gather(table, ids, make_constant_node(0, ov.Type.i64))
    flat = ops.reduce_mean(words, np.array([1]), keep_dims=False)
    near = ops.softmax(ops.matmul(flat, flat, False, True), 1)
    generator = np.random.default_rng(0)
    samples = [{"ids": generator.integers(0, 10, (1, 4))} for _ in range(MANY)]
    return save_graph(folder, [ops.matmul(near, flat, False, False)], [ids]), samples


def _branch(folder: Path) -> tuple[Path, list[Arrays]]:
    """Doubles or negates, as a flag says that few samples set."""
    x = ops.parameter([-1, 4], np.float32, name="x")
    flag = ops.parameter([-1], np.bool_, name="flag")
    one = ops.convert(ops.reduce_max(ops.convert(flag, "i32"), np.array([0])), "boolean")
    branches = []
    for factor in (2.0, -1.0):
        inner = ops.parameter([-1, 4], np.float32)
        times = ops.multiply(inner, np.float32(factor))
        branches.append((ov.Model([ops.result(times)], [inner], "branch"), inner))
    node = ops.if_op(one.output(0))
    node.set_then_body(branches[0][0])
    node.set_else_body(branches[1][0])
    node.set_input(x.output(0), branches[0][1], branches[1][1])
    node.set_output(branches[0][0].get_results()[0], branches[1][0].get_results()[0])
    samples = floats((1, 4), 60)
    for number, sample in enumerate(samples):
        sample["flag"] = np.array([number == 37])
    return save_graph(folder, [node.outputs()[0]], [x, flag]), samples


def _sequence_first(folder: Path) -> tuple[Path, list[Arrays]]:
    """The samples are the output's second axis."""
    x = ops.parameter([-1, 3, 4], np.float32, name="x")
    return save_graph(folder, [ops.transpose(x, np.array([1, 0, 2]))], [x]), floats((1, 3, 4))


def _state(folder: Path) -> tuple[Path, list[Arrays]]:
    """Adds up what it is called with, until its state is reset."""
    x = ops.parameter([1, 4], np.float32, name="x")
    before = ops.read_value(np.zeros((1, 4), np.float32), "sum")
    now = ops.add(before, x)
    return save_graph(folder, [now], [x], [ops.assign(now, "sum")]), floats((1, 4))


def _rows_of_other_numbers(folder: Path) -> tuple[Path, list[Arrays]]:
    """Keeps the positive values alone."""
    x = ops.parameter([1, 6], np.float32, name="x")
    positive = ops.greater(x, np.float32(0))
    return save_graph(folder, [ops.gather_nd(x, ops.transpose(
        ops.non_zero(positive, "i64"), np.array([1, 0])))], [x]), floats((1, 6))  # fmt: skip


def _scalar(folder: Path) -> tuple[Path, list[Arrays]]:
    x = ops.parameter([-1, 4], np.float32, name="x")
    rate = ops.parameter([], np.float32, name="rate")
    samples = floats((1, 4))
    for number, sample in enumerate(samples):
        sample["rate"] = np.float32(number).reshape(())
    return save_graph(folder, [ops.multiply(x, rate)], [x, rate]), samples


def _without_numbers(folder: Path) -> tuple[Path, list[Arrays]]:
    x = ops.parameter([-1, 4], np.float32, name="x")
    return save_graph(folder, [ops.log(x)], [x]), floats((1, 4))


AWKWARD: list[Callable[[Path], tuple[Path, list[Arrays]]]] = [
    _mean_of_the_batch,
    _attention_over_the_batch,
    _branch,
    _sequence_first,
    _state,
    _rows_of_other_numbers,
    _scalar,
    _without_numbers,
]


@pytest.mark.parametrize("make", AWKWARD)
def test_awkward_graphs_are_answered_as_by_fresh_requests(
    make: Callable[[Path], tuple[Path, list[Arrays]]], tmp_path: Path
) -> None:
    path, samples = make(tmp_path)
    check, _, outputs = inferred(path, samples, tmp_path / "out")
    assert check.equal
    for got, want in zip(outputs, answers(path, samples, **F32), strict=True):
        for one, other in zip(got, want, strict=True):
            assert one.shape == other.shape
            assert np.allclose(one, other, atol=1e-5, equal_nan=True)


def test_what_mixes_its_batch_is_told(tmp_path: Path) -> None:
    path, samples = _mean_of_the_batch(tmp_path)
    check, _, _ = inferred(path, samples, tmp_path / "out")
    assert check.way == "one by one"
    assert len(check.refused) == 1 and check.refused[0].startswith("batches of")


@pytest.mark.parametrize("last", [8, 64])
def test_products_that_are_zeros_in_a_static_batch(tmp_path: Path, last: int) -> None:
    """OpenVINO 2026.4 gives zeros for INT8 products without bias, in static batches of 4."""
    x = ops.parameter([-1, 32], np.float32, name="x")
    hidden = ops.relu(ops.matmul(x, weights(64, 32), False, True))
    path = save_graph(tmp_path, [ops.matmul(hidden, weights(last, 64), False, True)], [x])
    samples = floats((1, 32), 48)
    feeds = nncf.Dataset([sample["x"] for sample in samples])
    quantized = nncf.quantize(ov.Core().read_model(path), feeds, subset_size=48)
    (tmp_path / "int8").mkdir()
    path = tmp_path / "int8" / "model.xml"
    ov.save_model(quantized, path, compress_to_fp16=False)
    check, _, outputs = inferred(path, samples, tmp_path / "out")
    assert check.equal
    assert np.allclose(outputs, answers(path, samples, **F32), atol=0.02)
    assert np.abs(outputs).max() > 1


def test_samples_that_are_compared_differ_in_every_input(tmp_path: Path) -> None:
    """A flag that one in four sets is compared with both of its values."""
    with SpoolWriter(tmp_path, "inputs") as writer:
        for number in range(400):
            flag = np.array([number % 80 > 60])
            writer.append({"x": np.float32([[number // 100]]), "flag": flag})
    samples = Spool(tmp_path, "inputs")
    chosen = [samples[place] for place in differing(samples, 8)]
    assert {bool(sample["flag"][0]) for sample in chosen} == {True, False}
    assert {float(sample["x"][0, 0]) for sample in chosen} == {0, 1, 2, 3}
