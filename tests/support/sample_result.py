"""A result with everything in it, for the tests of what is drawn from results."""

from __future__ import annotations

from typing import Any

import msgspec

from ovtui.core.results.result import Result

HOSTILE = ["[/]", "<script>alert(1)</script>", "=cmd()", "\x1b[31mred", "\u202egnp.exe", "a" * 200]


def _variant(name: str, precision: str, size: int, p50: float, value: float) -> dict[str, Any]:
    return {
        "name": name,
        "baseline": name == "fp32",
        "path": f"models/{name}",
        "storage": "fp16",
        "execution": {"inference_precision": precision},
        "components": [
            {
                "name": "model", "method": "quantize" if name == "int8" else "none",
                "xml_bytes": 1000, "bin_bytes": size,
            },
        ],
        "size_bytes": size + 1000,
        "latency": {
            "p50_ms": p50, "mean_ms": p50 * 1.05, "min_ms": p50 * 0.9, "p90_ms": p50 * 1.2,
            "p99_ms": p50 * 1.5, "count": 5000, "ci95_p50_ms": [p50 * 0.97, p50 * 1.03],
        },
        "throughput": {"per_second": 2100 / p50, "requests": 4, "seconds": 10.0},
        "compile_ms": 212.0,
        "first_inference_ms": 9.1,
        "peak_rss_bytes": 320_000_000,
        "executed_precision": {"f32": 1.0} if name == "fp32" else {precision: 0.82, "f32": 0.18},
        "accuracy": {
            "metric": "accuracy", "higher_is_better": True, "value": value,
            "ci95": [value - 0.0049, value + 0.0046], "count": 10000,
        },
        "agreement": None if name == "fp32" else {
            "with": "fp32", "value": 0.995, "cosine": 0.99871, "min_cosine": 0.9712,
            "max_abs_difference": 0.1234,
        },
    }  # fmt: skip


def _comparison(name: str, precisions: str, speedup: float, verdict: str) -> dict[str, Any]:
    return {
        "variant": name, "baseline": "fp32", "precisions": precisions, "compression": 1.93,
        "compression_against": "fp16", "speedup": speedup,
        "speedup_ci95": [speedup - 0.05, speedup + 0.05], "throughput_speedup": speedup,
        "accuracy_delta": -0.001, "accuracy_delta_ci95": [-0.004, 0.002],
        "flips": {"worse": 17, "better": 7}, "p_value": 0.0639, "test": "McNemar (exact)",
        "max_drop": 0.01, "verdict": verdict,
        "samples_needed": 12345 if verdict == "not enough samples" else None,
    }  # fmt: skip


def sample_result(**changes: Any) -> Result:
    """Returns three variants of an image classifier; `changes` replace fields of the result."""
    data: dict[str, Any] = {
        "run": "20260131-101500-digits-ab12",
        "recipe": "digits",
        "task": "image-classification",
        "outcome": "done",
        "machine": {
            "host": "bench-1", "cpu": "Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz",
            "isa": ["avx512_vnni", "amx_int8", "amx_bf16"], "cores": 4, "memory_bytes": 16 * 2**30,
        },
        "versions": {"openvino": "2026.4.0", "nncf": "3.4.0", "torch": "2.9.1", "ovtui": "0.1.0"},
        "device": "CPU",
        "stages": [
            {"name": "convert", "seconds": 1.2, "cached": False, "peak_rss_bytes": 400_000_000},
            {"name": "quantize", "seconds": 75.4, "cached": True, "peak_rss_bytes": 900_000_000},
        ],
        "calibration": {
            "dataset": "digits", "split": "train", "samples": 300, "overlaps_evaluation": False,
        },
        "evaluation": {"dataset": "digits", "split": "test", "samples": 10000, "skipped": 2},
        "max_drop": 0.01,
        "variants": [
            _variant("fp32", "f32", 8_900_000, 2.41, 0.9361),
            _variant("bf16", "bf16", 8_900_000, 1.52, 0.9359),
            _variant("int8", "i8", 4_600_000, 0.98, 0.9351),
        ],
        "comparisons": [
            _comparison("bf16", "f32 → bf16", 1.58, "pass"),
            _comparison("int8", "f32 → i8", 2.46, "not enough samples"),
        ],
        "samples": [
            {
                "id": "17", "input": {"text": "a hand-written 4"}, "reference": "4",
                "predictions": {
                    "fp32": {"label": "4", "score": 0.98}, "int8": {"label": "9", "score": 0.51},
                },
                "changed": True,
            },
        ],
        "warnings": ["load of other processes was 1.3 of 4 cores while measuring latency"],
    }  # fmt: skip
    return msgspec.convert(data | changes, type=Result)


def hostile_result() -> Result:
    """Names that would do harm where they are not made safe."""
    result = sample_result()
    replace = msgspec.structs.replace
    variants = [
        replace(variant, name=name)
        for variant, name in zip(result.variants * 2, HOSTILE, strict=True)
    ]
    comparisons = [
        replace(result.comparisons[0], variant=name, baseline=HOSTILE[0]) for name in HOSTILE[1:]
    ]
    return replace(
        result,
        recipe=HOSTILE[1],
        machine=replace(result.machine, host=HOSTILE[3], cpu=HOSTILE[4]),
        versions={HOSTILE[2]: HOSTILE[3]},
        variants=variants,
        comparisons=comparisons,
        samples=[replace(result.samples[0], id=HOSTILE[2], reference=HOSTILE[1])],
        warnings=list(HOSTILE),
    )
