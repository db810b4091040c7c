"""Size and speed of a variant against the baseline, its own precision's one, and PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from ovtui.core.results import result, variant
from ovtui.core.results.speeds import BatchSpeedup, BatchThroughput
from ovtui.core.statistics.blocks import Ratio, ratio_interval
from ovtui.engine.run.variants import PYTORCH


def compare_with_all(
    variant: variant.Variant, variants: Sequence[variant.Variant]
) -> result.Comparison:
    """Returns the size and speed of a variant against all that it is compared with.

    Args:
        variant: any but the baseline.
        variants: all of a run, the baseline first.
    """
    over_baseline = compare_speed(variants[0], variant)
    return _over_pytorch(
        _at_the_same_precision(over_baseline, variant, variants), variant, variants
    )


def compare_speed(baseline: variant.Variant, variant: variant.Variant) -> result.Comparison:
    """Returns the size and speed of a variant against the baseline, block by block.

    Args:
        baseline: as measured, in the same blocks as the variant.
        variant: the files and the speed that are compared.
    """
    speed = _speed_of(baseline, variant)
    return result.Comparison(
        variant=variant.name,
        baseline=baseline.name,
        precisions=speed.precisions,
        compression=baseline.size_bytes / variant.size_bytes if variant.size_bytes else None,
        compression_against=baseline.storage,
        bin_compression=baseline.bin_bytes / variant.bin_bytes if variant.bin_bytes else None,
        speedup=speed.latency.value if speed.latency else None,
        speedup_ci95=speed.latency.interval if speed.latency else None,
        throughput_speedup=speed.throughput.value if speed.throughput else None,
        throughput_speedup_ci95=speed.throughput.interval if speed.throughput else None,
        real_lengths_speedup=speed.real_lengths.value if speed.real_lengths else None,
        real_lengths_speedup_ci95=speed.real_lengths.interval if speed.real_lengths else None,
        batched=[
            _batch_speedup(ours, theirs)
            for ours, theirs in zip(baseline.batched, variant.batched, strict=False)
        ],
    )


class _Speed(NamedTuple):
    """How much faster one variant is than another, and the precisions that compares."""

    latency: Ratio | None
    throughput: Ratio | None
    real_lengths: Ratio | None
    precisions: str
    """Empty where no speed was measured."""


def _speed_of(baseline: variant.Variant, variant: variant.Variant) -> _Speed:
    latency = throughput = real_lengths = None
    if baseline.latency and variant.latency:
        latency = ratio_interval(baseline.latency.blocks_p50_ms, variant.latency.blocks_p50_ms)
    if baseline.throughput and variant.throughput:
        throughput = ratio_interval(
            variant.throughput.blocks_per_second, baseline.throughput.blocks_per_second
        )
    if baseline.real_lengths and variant.real_lengths:
        ours, theirs = baseline.real_lengths.samples_ms, variant.real_lengths.samples_ms
        real_lengths = ratio_interval(ours, theirs)
    named = f"{baseline.runs_in or '?'} → {variant.runs_in or '?'}"
    return _Speed(latency, throughput, real_lengths, named if latency or throughput else "")


def _at_the_same_precision(
    comparison: result.Comparison, variant: variant.Variant, variants: Sequence[variant.Variant]
) -> result.Comparison:
    """The comparison, with the speed-up over the uncompressed model at the variant's precision.

    Of a speed-up over f32, a part is the device's default precision where that is bf16: the
    uncompressed model in bf16 has that part too, without any loss of weights.
    """
    precision = variant.execution.get("inference_precision")
    uncompressed = (it for it in variants if it.components and not it.compressed)
    same = (it for it in uncompressed if it.execution.get("inference_precision") == precision)
    match = next(same, None)
    if match is None or precision is None or not variant.compressed:
        return comparison
    speed = _speed_of(match, variant)
    return msgspec.structs.replace(
        comparison,
        same_precision_baseline=match.name,
        same_precision=speed.precisions,
        same_precision_speedup=speed.latency.value if speed.latency else None,
        same_precision_speedup_ci95=speed.latency.interval if speed.latency else None,
        same_precision_throughput_speedup=speed.throughput.value if speed.throughput else None,
        same_precision_throughput_speedup_ci95=speed.throughput.interval
        if speed.throughput
        else None,
    )


def _over_pytorch(
    comparison: result.Comparison, variant: variant.Variant, variants: Sequence[variant.Variant]
) -> result.Comparison:
    """The comparison with the variant's speed-up over the PyTorch model, where that was run."""
    pytorch = next((item for item in variants if item.name == PYTORCH), None)
    if pytorch is None or variant is pytorch:
        return comparison
    over = _speed_of(pytorch, variant)
    return msgspec.structs.replace(
        comparison,
        pytorch_speedup=over.latency.value if over.latency else None,
        pytorch_speedup_ci95=over.latency.interval if over.latency else None,
        pytorch_precisions=over.precisions,
    )


def _batch_speedup(baseline: BatchThroughput, variant: BatchThroughput) -> BatchSpeedup:
    ratio = ratio_interval(variant.blocks_per_second, baseline.blocks_per_second)
    return BatchSpeedup(batch=variant.batch, speedup=ratio.value, ci95=ratio.interval)
