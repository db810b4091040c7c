"""What a compression leaves in floating point, on graphs of a few operations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from ovtui.engine.compression.leftovers import compress_tables, halve_constants, stored_in_half


def test_float_constants_are_halved_where_that_is_exact_enough() -> None:
    small, large = np.full(600, 1e-6, np.float32), np.linspace(1, 2, 600, dtype=np.float32)
    value = ops.parameter([600], np.float32)
    model = ov.Model([ops.multiply(ops.multiply(value, small), ops.constant(large))], [value], "m")
    halve_constants(model)
    types = sorted(
        op.get_element_type().get_type_name()
        for op in model.get_ops()
        if op.get_type_name() == "Constant"
    )
    assert types == ["f16", "f32"]  # 1e-6 has two digits in float16
    compiled = ov.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    assert np.allclose(compiled(np.ones(600, np.float32))[0], small * large, rtol=1e-3)


def test_what_is_only_added_is_judged_by_its_largest_value() -> None:
    positions = np.geomspace(1e-8, 1, 900, dtype=np.float32).reshape(1, 300, 3)
    value, length = ops.parameter([1, -1, 3], np.float32), ops.parameter([1], np.int64)
    part = ops.slice(ops.constant(positions), np.array([0]), length, np.array([1]), np.array([1]))
    model = ov.Model([ops.add(value, part)], [value, length], "m")
    halve_constants(model)
    types = {
        op.get_element_type().get_type_name(): list(op.shape)
        for op in model.get_ops()
        if op.get_type_name() == "Constant" and len(op.shape) == 3
    }
    assert types == {"f16": [1, 300, 3]}


def test_tables_are_compressed_and_matrices_are_not() -> None:
    generator = np.random.default_rng(0)
    table = generator.standard_normal((512, 64)).astype(np.float32)
    matrix = generator.standard_normal((64, 64)).astype(np.float32)
    ids = ops.parameter([3], np.int64)
    rows = ops.gather(ops.constant(table), ids, ops.constant(0), name="rows")
    model = ov.Model([ops.matmul(rows, ops.constant(matrix), False, False)], [ids], "m")
    found = {
        op.get_element_type().get_type_name(): list(op.shape)
        for op in compress_tables(model, None).get_ops()
        if op.get_type_name() == "Constant" and len(op.shape) == 2 and op.shape[1] == 64
    }
    assert found == {"u8": [512, 64], "f32": [64, 64]}


def test_what_the_baseline_stores_as_float16_is_stored_so(tmp_path: Path) -> None:
    weights = np.linspace(1e-6, 1, 600, dtype=np.float32).reshape(1, 600)
    weights[0, -1] = 1e6
    value = ops.parameter([1, 600], np.float32)
    layer = ops.multiply(value, ops.constant(weights, name="weights"))
    model = ov.Model([ops.multiply(layer, ops.constant(weights, name="scales"))], [value], "m")
    ov.save_model(model, tmp_path / "baseline.xml")
    assert stored_in_half(tmp_path / "baseline.xml") == {"weights", "scales"}
    halve_constants(model, {"weights"})
    found = {
        op.get_friendly_name(): op for op in model.get_ops() if op.get_type_name() == "Constant"
    }
    assert found["weights"].get_element_type() == ov.Type.f16
    assert found["weights"].data.max() == np.finfo(np.float16).max  # and not infinity
    assert found["scales"].get_element_type() == ov.Type.f32
