"""Variants that are the same, and speed-ups over the model at the same precision."""

from __future__ import annotations

from typing import Any

from ovtui.core.results.speeds import Latency
from ovtui.core.results.variant import Component, Variant
from ovtui.engine.run.speed_comparison import compare_with_all
from ovtui.engine.run.twins import with_twins


def variant(name: str, digest: str, method: str, **fields: Any) -> Variant:
    part = Component(name="model", method=method, xml_bytes=9, bin_bytes=9, digest=digest)
    return Variant(name=name, baseline=name == "fp32", path=name, components=[part], **fields)


def test_files_that_calculate_the_same_are_told_whatever_the_method_is_called() -> None:
    f32 = {"requested": {"INFERENCE_PRECISION_HINT": "f32"}}
    u8 = {"chosen": {"model": {"KV_CACHE_PRECISION": "u8"}}}
    found = with_twins(
        [
            variant("fp32", "base", "none", execution=f32),
            variant("bf16", "base", "none"),
            variant("int8", "quantized", "quantize"),
            variant("nothing", "base", "quantize"),
            variant("int8 weights", "weights", "compress_weights"),
            variant("int4 weights", "weights", "compress_weights"),
            variant("in f32", "weights", "compress_weights", execution=f32),
            variant("in u8", "weights", "compress_weights", execution=u8),
            variant("unknown", "", "quantize"),
            variant("unknown too", "", "quantize"),
        ],
    )
    assert {it.name: it.same_files_as for it in found if it.same_files_as} == {
        "nothing": "fp32",
        "int4 weights": "int8 weights",
    }


def timed(name: str, method: str, precision: str, p50: float) -> Variant:
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
        name,
        name,
        method,
        latency=latency,
        execution={"inference_precision": precision},
        executed_precision=shares,
    )


def test_a_speed_up_stands_beside_that_at_the_same_precision() -> None:
    """1.94× over f32 is 0.97× over the same model in bf16."""
    variants = [
        timed("fp32", "none", "f32", 3.88),
        timed("bf16", "none", "bf16", 1.94),
        timed("int8", "quantize", "bf16", 2.0),
    ]
    found = compare_with_all(variants[2], variants)
    assert (found.precisions, found.same_precision) == ("f32 → i8+f32", "bf16 → i8+f32")
    assert found.speedup == 1.94 and found.same_precision_baseline == "bf16"
    assert round(found.same_precision_speedup or 0, 2) == 0.97
    alone = compare_with_all(variants[2], [variants[0], variants[2]])
    assert alone.same_precision_speedup is None


def test_where_the_device_runs_f32_both_are_one() -> None:
    variants = [
        timed("fp32", "none", "f32", 4.0),
        timed("int8", "quantize", "f32", 2.0),
    ]
    found = compare_with_all(variants[1], variants)
    assert found.same_precision_baseline == "fp32"
    assert found.same_precision_speedup == found.speedup == 2.0
