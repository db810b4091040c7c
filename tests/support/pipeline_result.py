"""A result of a pipeline: two components, word error rate, transcripts with times."""

from __future__ import annotations

from typing import Any

import msgspec

from ovtui.core.results.histogram import histogram
from ovtui.core.results.result import Result
from tests.support.sample_result import sample_result

SAID = "the quick brown fox jumps"
HEARD = "the quick brown box jumps over"


def _component(name: str, method: str, size: int) -> dict[str, Any]:
    return {"name": name, "method": method, "xml_bytes": 10_000, "bin_bytes": size}


def _variant(
    name: str, precision: str, sizes: tuple[int, int], times: tuple[float, float], wer: float
) -> dict[str, Any]:
    method = "none" if name == "fp32" else "quantize"
    p50 = times[0] + 12 * times[1]
    spread = histogram([p50 * (0.95 + 0.001 * number) for number in range(200)])
    return {
        "name": name, "baseline": name == "fp32", "path": f"models/{name}", "storage": "fp16",
        "execution": {"inference_precision": precision},
        "components": [
            _component("encoder", method, sizes[0]), _component("decoder", method, sizes[1]),
        ],
        "size_bytes": sum(sizes) + 20_000,
        "latency": {
            "p50_ms": p50, "mean_ms": p50, "min_ms": 0.9 * p50, "p90_ms": 1.1 * p50,
            "p99_ms": 1.2 * p50, "count": 200, "ci95_p50_ms": [0.97 * p50, 1.03 * p50],
            "blocks_p50_ms": [p50, 1.01 * p50], "tokens": 13,
            "histogram": msgspec.to_builtins(spread),
            "components": {
                "encoder": {"p50_ms": times[0], "calls": 1.0},
                "decoder": {"p50_ms": times[1], "first_p50_ms": 2 * times[1], "calls": 12.5},
            },
        },
        "executed_precision": {precision: 1.0},
        "accuracy": {
            "metric": "wer", "higher_is_better": False, "value": wer,
            "ci95": [wer - 0.004, wer + 0.005], "count": 100,
        },
    }  # fmt: skip


def pipeline_result(**changes: Any) -> Result:
    """Returns a recogniser in f32 and INT8 whose errors rise from 2 to 3 %."""
    comparison = {
        "variant": "int8", "baseline": "fp32", "precisions": "f32 → i8", "compression": 1.95,
        "compression_against": "fp16", "speedup": 1.75, "speedup_ci95": [1.7, 1.8],
        "accuracy_delta": 0.01, "accuracy_delta_ci95": [0.004, 0.016], "max_drop": 0.02,
        "flips": {"worse": 9, "better": 2}, "p_value": 0.02, "test": "paired bootstrap",
        "verdict": "pass",
    }  # fmt: skip
    sample = {
        "id": "7", "input": {"audio": "samples/7.flac", "seconds": 3.25}, "reference": SAID,
        "predictions": {
            "fp32": {
                "text": SAID,
                "segments": [
                    {"start": 0.0, "end": 1.5, "text": "the quick brown"},
                    {"start": 1.5, "end": 3.2, "text": "fox jumps"},
                ],
            },
            "int8": {
                "text": HEARD,
                "segments": [
                    {"start": 0.0, "end": 1.5, "text": "the quick brown"},
                    {"start": 1.5, "end": 3.2, "text": "box jumps over"},
                ],
            },
        },
        "changed": True,
    }  # fmt: skip
    asked = {
        "id": "8", "input": {"question": "what is it?", "image": "samples/8.png"},
        "reference": ["a fox", "fox"], "predictions": {"fp32": {"text": "fox"}, "int8": "fox"},
    }  # fmt: skip
    return sample_result(
        **{
            "recipe": "speech",
            "task": "automatic-speech-recognition",
            "max_drop": 0.02,
            "variants": [
                _variant("fp32", "f32", (40_000_000, 60_000_000), (20.0, 4.0), 0.02),
                _variant("int8", "i8", (20_000_000, 32_000_000), (10.0, 2.5), 0.03),
            ],
            "comparisons": [comparison],
            "samples": [sample, asked],
        }
        | changes
    )
