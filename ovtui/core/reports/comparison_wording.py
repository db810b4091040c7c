"""A variant against its baseline, in lines that every report shares."""

from __future__ import annotations

from typing import NamedTuple

from ovtui.core.reports import object_wording
from ovtui.core.reports.numbers import (
    change,
    change_interval,
    interval,
    metric,
    size,
    speed,
    speed_with_interval,
)
from ovtui.core.reports.slow_wording import slow_sentence
from ovtui.core.reports.verdict_wording import accuracy_change, verdict
from ovtui.core.results.result import Comparison, MetricChange
from ovtui.core.results.variant import Accuracy, Variant


class Finding(NamedTuple):
    """One line of what was found of a variant."""

    label: str
    text: str


def compared(
    comparison: Comparison, variant: Variant, baseline: Variant | None
) -> list[Finding | None]:
    """Returns what was found of a variant against the baseline; None for what was not measured.

    Args:
        comparison: of the variant with the baseline.
        variant: what was measured of it.
        baseline: likewise.
    """
    return [
        _accuracy_change(comparison, variant.accuracy),
        *_objects(comparison, variant.accuracy, baseline.accuracy if baseline else None),
        *_also(comparison, variant),
        _tokens(comparison),
        _compression(comparison, baseline),
        _speedup(comparison),
        _real_lengths(comparison),
        _same_precision(comparison),
        _slow(comparison),
        _batches(comparison, variant),
        _over_pytorch(comparison),
        _changed(comparison, variant.accuracy),
        _verdict(comparison),
    ]


def _accuracy_change(comparison: Comparison, accuracy: Accuracy | None) -> Finding | None:
    text = accuracy_change(comparison, accuracy)
    if not text:
        return None
    if accuracy and accuracy.metric != "accuracy":
        text = f"{accuracy.metric} {text}"
    if comparison.max_drop is not None:
        text += f"; max_drop {metric(comparison.max_drop)}"
    return Finding("accuracy change", text)


def _also(comparison: Comparison, variant: Variant) -> list[Finding]:
    """Further metrics, with how they changed."""
    changes = {change.metric: change for change in comparison.also}
    return [
        Finding("also", f"{item.metric} {_changed_by(changes[item.metric], item.higher_is_better)}")
        for item in variant.also
        if item.metric in changes
    ]


def _objects(
    comparison: Comparison, after: Accuracy | None, before: Accuracy | None
) -> list[Finding]:
    """What a metric is made of, and objects lost and gained."""
    lines = {"objects": object_wording.objects(comparison.objects) if comparison.objects else ""}
    if before and after:
        lines["parts"] = object_wording.part_changes(before, after)
        lines["classes"] = object_wording.class_changes(before, after)
    return [Finding(label, text) for label, text in lines.items() if text]


def _tokens(comparison: Comparison) -> Finding | None:
    """How far what it says of tokens is from what the baseline says."""
    it = comparison.divergence
    if it is None:
        return None
    parts = (
        f"KL divergence {it.mean:.2g} nats (median {it.median:.2g}, 99 % {it.p99:.2g}, 99.9 % "
        f"{it.p999:.2g}, largest {it.largest:.2g})",
        f"same top token {it.same_top:.2%}".replace("%", " %"),
        f"RMS Δp {it.rms_shift:.2%}".replace("%", " %"),
    )
    return Finding("tokens", f"{', '.join(parts)}, of {it.tokens}")


def _changed_by(changed: MetricChange, higher_is_better: bool) -> str:
    text = f"{change(changed.delta)} ({change_interval(changed.delta_ci95)})"
    return text if higher_is_better else f"{text}, lower is better"


def _over_pytorch(comparison: Comparison) -> Finding | None:
    value, ci95 = comparison.pytorch_speedup, comparison.pytorch_speedup_ci95
    if value is None or not comparison.pytorch_precisions:
        return None
    text = speed_with_interval(value, ci95, " in latency")
    return Finding("over PyTorch", f"PyTorch {comparison.pytorch_precisions}: {text}")


def _compression(comparison: Comparison, baseline: Variant | None) -> Finding | None:
    if comparison.compression is None:
        return None
    storage = comparison.compression_against or (baseline.storage if baseline else "")
    if not storage:
        return Finding("compression", "not shown: the baseline's storage type is not recorded")
    against = f"{comparison.baseline} stored as {storage}"
    text = f"{_than(comparison.compression)} {against}"
    if comparison.bin_compression is not None:
        text += f", the .bin alone {size(comparison.bin_compression)}"
    return Finding("compression", text)


def _than(compression: float) -> str:
    text = size(compression)
    return f"{text} as" if text == size(1) else f"{text} than"


def _speedup(comparison: Comparison) -> Finding | None:
    text = _in_both_modes(
        (comparison.speedup, comparison.speedup_ci95),
        (comparison.throughput_speedup, comparison.throughput_speedup_ci95),
    )
    if not text:
        return None
    if not comparison.precisions:
        return Finding("speed-up", "not shown: the precisions it compares are not recorded")
    return Finding("speed-up", f"{comparison.precisions}: {text}")


def _real_lengths(comparison: Comparison) -> Finding | None:
    """The speed-up of answers as long as the model gives them: it may say less, or more."""
    value, ci95 = comparison.real_lengths_speedup, comparison.real_lengths_speedup_ci95
    if value is None or not comparison.precisions:
        return None
    text = speed_with_interval(value, ci95)
    return Finding("real lengths", f"{comparison.precisions}: {text} on the same samples")


def _same_precision(comparison: Comparison) -> Finding | None:
    """What is left of the speed-up where the uncompressed model runs at the same precision."""
    text = _in_both_modes(
        (comparison.same_precision_speedup, comparison.same_precision_speedup_ci95),
        (
            comparison.same_precision_throughput_speedup,
            comparison.same_precision_throughput_speedup_ci95,
        ),
    )
    against = comparison.same_precision_baseline
    if not text or against == comparison.baseline:
        return None
    return Finding("same precision", f"against {against}, {comparison.same_precision}: {text}")


def _slow(comparison: Comparison) -> Finding | None:
    reason = comparison.slow_reason
    return Finding("why not faster", slow_sentence(reason)) if reason else None


def _in_both_modes(*ratios: tuple[float | None, tuple[float, float] | None]) -> str:
    """Speed-ups in latency and in throughput, those that were measured."""
    return ", ".join(
        speed_with_interval(value, ci95, f" in {of}")
        for (value, ci95), of in zip(ratios, ("latency", "throughput"), strict=True)
        if value is not None
    )


def _batches(comparison: Comparison, variant: Variant) -> Finding | None:
    rates = {batch.batch: batch.samples_per_second for batch in variant.batched}
    parts = [
        f"batch {batch.batch}: {speed(batch.speedup)}"
        + (f" ({interval(batch.ci95, 2)})" if batch.ci95 else "")
        + f", {rates[batch.batch]:.4g} samples a second"
        for batch in comparison.batched
    ]
    return Finding("throughput", "; ".join(parts)) if parts else None


def _changed(comparison: Comparison, accuracy: Accuracy | None) -> Finding | None:
    parts = []
    if comparison.flips:
        worse, better = comparison.flips.get("worse", 0), comparison.flips.get("better", 0)
        of = f" of {accuracy.count}" if accuracy else ""
        parts.append(f"{worse} to worse, {better} to better{of} samples")
    if comparison.p_value is not None:
        shown = f"= {comparison.p_value:.2g}" if comparison.p_value >= 0.001 else "< 0.001"
        parts.append(f"p {shown}, {comparison.test or 'paired test'}")
    return Finding("changed", "; ".join(parts)) if parts else None


def _verdict(comparison: Comparison) -> Finding | None:
    text = verdict(comparison)
    return Finding("verdict", text) if text else None
