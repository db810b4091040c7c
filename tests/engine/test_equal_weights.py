"""Variants with the same weights, and speed-ups over the model at the same precision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ovtui.core.result import Component, Latency, Variant
from ovtui.engine.equal_weights import with_twins
from ovtui.engine.speed_comparison import compare_with_all


def variant(folder: Path, name: str, weights: bytes, method: str, **fields: Any) -> Variant:
    place = folder / name
    place.mkdir()
    (place / "model.bin").write_bytes(weights)
    bits = fields.pop("weight_bits", {})
    part = Component(
        name="model", method=method, xml_bytes=9, bin_bytes=len(weights), weight_bits=bits
    )
    return Variant(name=name, baseline=name == "fp32", path=name, components=[part], **fields)


def test_the_same_weights_are_told_whatever_the_method_is_called(tmp_path: Path) -> None:
    eight = {"int8_asym": 1.0}
    found = with_twins(
        tmp_path,
        [
            variant(tmp_path, "fp32", b"0123", "none"),
            variant(tmp_path, "bf16", b"0123", "none"),
            variant(tmp_path, "int8", b"9999", "quantize"),
            variant(tmp_path, "nothing", b"0123", "quantize"),
            variant(tmp_path, "int8 weights", b"45", "compress_weights", weight_bits=eight),
            variant(tmp_path, "int4 weights", b"45", "compress_weights", weight_bits=eight),
            variant(tmp_path, "other", b"46", "compress_weights", weight_bits=eight),
        ],
    )
    assert {it.name: it.same_files_as for it in found} == {
        "fp32": "",
        "bf16": "",
        "int8": "",
        "nothing": "fp32",
        "int8 weights": "",
        "int4 weights": "int8 weights",
        "other": "",
    }


def timed(folder: Path, name: str, method: str, precision: str, p50: float) -> Variant:
    latency = Latency(
        p50_ms=p50,
        mean_ms=p50,
        min_ms=p50,
        p90_ms=p50,
        p99_ms=p50,
        count=30,
        ci95_p50_ms=(p50, p50),
        blocks_p50_ms=[p50, p50, p50],
    )
    shares = {"i8": 0.6, "f32": 0.39, precision: 0.01} if method != "none" else {precision: 1.0}
    return variant(
        folder,
        name,
        name.encode(),
        method,
        latency=latency,
        execution={"inference_precision": precision},
        executed_precision=shares,
    )


def test_a_speed_up_stands_beside_that_at_the_same_precision(tmp_path: Path) -> None:
    """1.94× over f32 is 0.97× over the same model in bf16."""
    variants = [
        timed(tmp_path, "fp32", "none", "f32", 3.88),
        timed(tmp_path, "bf16", "none", "bf16", 1.94),
        timed(tmp_path, "int8", "quantize", "bf16", 2.0),
    ]
    found = compare_with_all(variants[2], variants)
    assert (found.precisions, found.same_precision) == ("f32 → i8+f32", "bf16 → i8+f32")
    assert found.speedup == 1.94 and found.same_precision_baseline == "bf16"
    assert round(found.same_precision_speedup or 0, 2) == 0.97
    alone = compare_with_all(variants[2], [variants[0], variants[2]])
    assert alone.same_precision_speedup is None


def test_where_the_device_runs_f32_both_are_one(tmp_path: Path) -> None:
    variants = [
        timed(tmp_path, "fp32", "none", "f32", 4.0),
        timed(tmp_path, "int8", "quantize", "f32", 2.0),
    ]
    found = compare_with_all(variants[1], variants)
    assert found.same_precision_baseline == "fp32"
    assert found.same_precision_speedup == found.speedup == 2.0
