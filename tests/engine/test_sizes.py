"""No compressed file is larger than the one that NNCF and `ov.save_model` write of the same IR."""

from __future__ import annotations

import typing
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from ovtui.core.recipes.compression import CompressWeights, Quantize
from ovtui.core.runs.run_folder import Run
from ovtui.engine.compression.compress import Samples, Storage, compress
from ovtui.engine.compression.growth import growth
from ovtui.engine.conversion.constant_shapes import fold_shapes
from ovtui.engine.data.spool import Spool, SpoolWriter
from ovtui.engine.store import fingerprint
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Compressed
from tests.support.beside_nncf import bytes_of, sizes

_GENERATOR = np.random.default_rng(0)


class Stored(typing.NamedTuple):
    """A model as a conversion leaves it, with calibration samples."""

    graph: Path
    baseline: Path
    samples: Spool
    folder: Path


def _store(model: Any, samples: list[dict[str, np.ndarray]], folder: Path) -> Stored:
    graph, baseline = folder / "graph.xml", folder / "baseline.xml"
    ov.save_model(model, graph, compress_to_fp16=False)
    ov.save_model(model, baseline, compress_to_fp16=True)
    with SpoolWriter(folder, "inputs") as writer:
        for sample in samples:
            writer.append(sample)
    return Stored(graph, baseline, Spool(folder, "inputs"), folder)


def _compress(stored: Stored, method: Any, name: str = "out") -> tuple[Path, Compressed]:
    target = stored.folder / f"{name}.xml"
    report = compress(
        stored.graph,
        target,
        method,
        Samples(stored.samples),
        Storage(fp16=True, baseline=stored.baseline),
        Journal(Run(stored.folder), "x"),
    )
    return target, report


def _numbers(*shape: int) -> np.ndarray:
    return (_GENERATOR.standard_normal(shape) / 8).astype(np.float32)


def _named(value: Any, name: str) -> Any:
    value.output(0).get_tensor().set_names({name})
    return value


def _encoder() -> Any:
    """Embeddings, whose number the positions are taken from, and a linear layer: BART's form."""
    table = ops.constant(_numbers(2000, 32), name="table")
    ids = _named(ops.parameter([-1], np.int64), "ids")
    count = ops.gather(ops.shape_of(table), ops.constant(np.array([1])), ops.constant(0))
    rows = ops.reshape(
        ops.gather(table, ids, ops.constant(0)),
        ops.concat([ops.constant(np.array([-1])), count], 0),
        False,
    )
    return ov.Model([ops.matmul(rows, ops.constant(_numbers(32, 32)), False, True)], [ids], "m")


def _tagger() -> Any:
    """An LSTM, which NNCF's weight compression knows nothing of, and a linear layer."""
    cells, size = 64, 32
    x = _named(ops.parameter([1, -1, size], np.float32), "x")
    state = ops.constant(np.zeros((1, 1, cells), np.float32))
    lengths = ops.gather(ops.shape_of(x), ops.constant(np.array([1])), ops.constant(0))
    sequence = ops.lstm_sequence(
        x,
        state,
        state,
        lengths,
        ops.constant(_numbers(1, 4 * cells, size), name="W"),
        ops.constant(_numbers(1, 4 * cells, cells), name="R"),
        ops.constant(np.zeros((1, 4 * cells), np.float32)),
        cells,
        "forward",
    )
    last = ops.reshape(sequence.output(1), ops.constant(np.array([1, cells])), False)
    return ov.Model([ops.matmul(last, ops.constant(_numbers(16, cells)), False, True)], [x], "m")


def _constants(path: Path) -> dict[tuple[int, ...], set[str]]:
    """Types by shape, of the matrices of an IR."""
    found: dict[tuple[int, ...], set[str]] = {}
    for op in ov.Core().read_model(path).get_ops():
        if op.get_type_name() == "Constant" and sum(size > 1 for size in op.shape) > 1:
            kind = op.get_element_type().get_type_name()
            found.setdefault(tuple(op.shape), set()).add(kind)
    return found


@pytest.mark.parametrize("method", [Quantize(), CompressWeights()], ids=["quantize", "weights"])
@pytest.mark.parametrize("form", ["encoder", "tagger"])
def test_files_are_no_larger_than_nncfs(form: str, method: Any, tmp_path: Path) -> None:
    model = {"encoder": _encoder, "tagger": _tagger}[form]()
    inputs = {
        "encoder": lambda: {"ids": _GENERATOR.integers(0, 2000, (7,))},
        "tagger": lambda: {"x": _numbers(1, 5, 32)},
    }[form]
    fold_shapes(model)
    stored = _store(model, [inputs() for _ in range(4)], tmp_path)
    (tmp_path / "both").mkdir()
    ours, plain = sizes(stored.graph, method, stored.samples, tmp_path / "both")
    assert ours <= plain
    weights = [tmp_path / "both" / f"{name}.bin" for name in ("ours", "baseline")]
    assert weights[0].stat().st_size < weights[1].stat().st_size


def test_a_table_read_for_its_shape_is_stored_once(tmp_path: Path) -> None:
    model = _encoder()
    before = ov.compile_model(model, "CPU")(np.arange(5))[0]
    assert fold_shapes(model) == 1
    assert np.array_equal(ov.compile_model(model, "CPU")(np.arange(5))[0], before)
    samples = [{"ids": _GENERATOR.integers(0, 2000, (7,))} for _ in range(4)]
    written, _ = _compress(_store(model, samples, tmp_path), Quantize())
    (kind,) = _constants(written)[2000, 32]
    assert kind in {"i8", "u8"}


def test_shapes_of_inputs_stay_operations() -> None:
    x = ops.parameter([3, 4], np.float32)
    model = ov.Model([ops.shape_of(x)], [x], "m")
    assert fold_shapes(model) == 0  # it may be given another shape


def test_shapes_within_bodies_are_folded() -> None:
    condition, x = ops.parameter([], np.bool_), ops.parameter([-1], np.float32)

    def body(rows: int) -> Any:
        inner = ops.parameter([-1], np.float32)
        count = ops.convert(ops.shape_of(ops.constant(_numbers(rows))), np.float32)
        return ov.Model([ops.add(inner, count)], [inner], "body")

    bodies = body(10), body(20)
    either = ops.if_op(condition)
    either.set_then_body(bodies[0])
    either.set_else_body(bodies[1])
    either.set_input(x.output(0), *(it.get_parameters()[0] for it in bodies))
    output = either.set_output(*(it.get_results()[0] for it in bodies))
    model = ov.Model([output], [condition, x], "m")
    assert fold_shapes(model) == 2
    compiled = ov.compile_model(model, "CPU")
    assert compiled([np.array(True), np.zeros(1, np.float32)])[0] == [10]
    assert compiled([np.array(False), np.zeros(1, np.float32)])[0] == [20]


def test_what_weight_compression_leaves_is_stored_as_the_baseline_is(tmp_path: Path) -> None:
    stored = _store(_tagger(), [{"x": _numbers(1, 5, 32)}], tmp_path)
    written, report = _compress(stored, CompressWeights())
    found = _constants(written)
    assert found[1, 256, 32] == found[1, 256, 64] == {"f16"}
    assert report.weight_bits == pytest.approx({"int8_asym": 1 / 25, "float": 24 / 25})
    assert "float 96 %, int8_asym 4 %" in report.warnings[0]


def test_a_larger_file_is_told_with_its_cause(tmp_path: Path) -> None:
    x = _named(ops.parameter([1, 8], np.float32), "x")
    model = ov.Model([ops.matmul(x, ops.constant(_numbers(8, 8)), False, True)], [x], "m")
    stored = _store(model, [{"x": _numbers(1, 8)} for _ in range(4)], tmp_path)
    written, report = _compress(stored, Quantize())
    assert bytes_of(written) > bytes_of(stored.baseline)
    assert "larger than the baseline" in report.warnings[-1]
    assert "the graph (.xml)" in report.warnings[-1]


def test_a_table_stored_twice_is_named(tmp_path: Path) -> None:
    samples = [{"ids": _GENERATOR.integers(0, 2000, (7,))} for _ in range(4)]
    stored = _store(_encoder(), samples, tmp_path)  # its shape is read, as no conversion leaves it
    written, _ = _compress(stored, Quantize())
    ov.save_model(_identity(), tmp_path / "small.xml")
    why = growth(written, tmp_path / "small.xml") or ""
    assert "f16 [2000, 32] 125 KiB of ShapeOf, beside i8 of the same shape" in why


def _elementwise() -> Any:
    x = _named(ops.parameter([1, 3, 8, 8], np.float32), "x")
    return ov.Model([ops.relu(ops.multiply(x, ops.constant(np.float32(0.5))))], [x], "m")


def _identity() -> Any:
    x = _named(ops.parameter([1, 3, 8, 8], np.float32), "x")
    return ov.Model([ops.result(x)], [x], "m")


def _integers() -> Any:
    x = _named(ops.parameter([1, 6], np.int64), "x")
    return ov.Model([ops.add(x, ops.constant(np.int64(1)))], [x], "m")


def _constant() -> Any:
    x = _named(ops.parameter([1, 3, 8, 8], np.float32), "x")
    return ov.Model([ops.constant(_numbers(1, 4)).output(0), ops.relu(x).output(0)], [x], "m")


@pytest.mark.parametrize("method", [Quantize(), CompressWeights()], ids=["quantize", "weights"])
@pytest.mark.parametrize("make", [_elementwise, _identity, _integers, _constant])
def test_nothing_to_compress_is_told_and_nothing_grows(
    make: Any, method: Any, tmp_path: Path
) -> None:
    model = make()
    shape, kind = list(model.inputs[0].shape), model.inputs[0].get_element_type().to_dtype()
    samples = [{"x": (8 * _numbers(*shape)).astype(kind)} for _ in range(2)]
    stored = _store(model, samples, tmp_path)
    written, report = _compress(stored, method)
    assert report.unchanged == "nothing to compress"
    assert "nothing to compress" in report.warnings[0]
    assert written.read_bytes() == stored.baseline.read_bytes()


def _linear(tmp_path: Path) -> Stored:
    x = _named(ops.parameter([1, 64], np.float32), "x")
    layer = ops.matmul(x, ops.constant(_numbers(64, 64)), False, True)
    model = ov.Model([ops.matmul(ops.relu(layer), ops.constant(_numbers(8, 64)), False, True)], [x])
    return _store(model, [{"x": _numbers(1, 64)} for _ in range(4)], tmp_path)


@pytest.mark.parametrize("again", [Quantize(), CompressWeights()], ids=["quantize", "weights"])
def test_a_quantized_model_is_left_as_it_is(again: Any, tmp_path: Path) -> None:
    stored = _linear(tmp_path)
    quantized, _ = _compress(stored, Quantize())
    second = stored._replace(graph=quantized, baseline=quantized)
    written, report = _compress(second, again, "again")
    assert report.unchanged == "compressed already"
    assert written.read_bytes() == quantized.read_bytes()
    assert "2 FakeQuantize" in report.warnings[0]


def test_compressed_weights_may_have_their_activations_quantized(tmp_path: Path) -> None:
    stored = _linear(tmp_path)
    weights, _ = _compress(stored, CompressWeights())
    second = stored._replace(graph=weights, baseline=weights)
    _, same = _compress(second, CompressWeights(), "again")
    assert same.unchanged == "compressed already"
    _, report = _compress(second, Quantize(), "activations")
    assert report.unchanged == ""
    assert "a part was compressed already" in report.warnings[0]


def test_files_that_calculate_the_same_have_one_digest(tmp_path: Path) -> None:
    x = _named(ops.parameter([1, 64], np.float32), "x")
    model = ov.Model([ops.matmul(x, ops.constant(_numbers(64, 64)), False, True)], [x], "m")
    stored = _store(model, [{"x": _numbers(1, 64)}], tmp_path)
    in_int4, report = _compress(stored, CompressWeights(mode="int4_sym", group_size=-1), "int4")
    assert report.weight_bits == {"int8_asym": 1.0}
    in_int8, _ = _compress(stored, CompressWeights(mode="int8_asym"), "int8")
    other, _ = _compress(stored, CompressWeights(mode="int8_sym"), "other")
    assert in_int4.read_bytes() != in_int8.read_bytes()  # they tell how they were made
    assert fingerprint.of_calculation(in_int4) == fingerprint.of_calculation(in_int8)
    assert fingerprint.of_calculation(other) != fingerprint.of_calculation(in_int8)
