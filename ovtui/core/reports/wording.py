"""What a result says, in words that every report shares; not yet safe to print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ovtui.core.choice import choice
from ovtui.core.result import Accuracy, Agreement, Comparison, MetricChange, Result, Variant
from ovtui.core.text import human_bytes

_NAMED = 5
VERDICT_MARKS = {"pass": "PASS", "fail": "FAIL", "not enough samples": "NOT ENOUGH SAMPLES"}


class Finding(NamedTuple):
    """One line of what was found of a variant."""

    label: str
    text: str


class Section(NamedTuple):
    """A variant's findings, in the order in which NNCF's own examples report them."""

    heading: str
    findings: list[Finding]
    verdict: str | None


def overview(result: Result) -> list[Finding]:
    """Where a result comes from: run, machine, versions, data."""
    machine = result.machine
    isa = f" with {', '.join(machine.isa)}" if machine.isa else ""
    versions = ", ".join(f"{name} {version}" for name, version in result.versions.items())
    findings = [
        Finding("recipe", f"{result.recipe} ({result.task})"),
        Finding("run", f"{result.run}: {result.outcome}"),
        Finding(
            "machine",
            f"{result.device} of {machine.host}: {machine.cpu}, {machine.cores} cores{isa}",
        ),
        Finding("versions", versions),
    ]
    calibration, evaluation = result.calibration, result.evaluation
    if calibration:
        text = f"{calibration.samples} samples of {calibration.dataset} ({calibration.split})"
        text += _left_out(calibration.skipped, calibration.duplicates)
        if calibration.overlaps_evaluation:
            text += "; OVERLAPS the evaluation data, so accuracy may be flattered"
        findings.append(Finding("calibration", text))
    if evaluation:
        text = f"{evaluation.samples} samples of {evaluation.dataset} ({evaluation.split})"
        findings.append(Finding("evaluation", text + _left_out(evaluation.skipped)))
    if shapes := _shapes(result):
        findings.append(Finding("speed", f"measured on inputs of {shapes}"))
    if chosen := choice(result):
        findings.append(Finding("choice", chosen))
    if result.trusted:
        findings.append(Finding("trust", "remote code or pickled weights were allowed"))
    return findings


def _shapes(result: Result) -> str:
    """Shapes that speed was measured on; `?` where samples differ."""
    for variant in result.variants:
        shapes = variant.execution.get("shapes")
        if isinstance(shapes, dict):
            return ", ".join(
                f"{name} [{', '.join('?' if size is None else str(size) for size in shape)}]"
                for name, shape in shapes.items()
            )
    return ""


def _left_out(skipped: int, duplicates: int = 0) -> str:
    parts = [f"{skipped} skipped"] * bool(skipped) + [f"{duplicates} duplicates"] * bool(duplicates)
    return f", {' and '.join(parts)} left out" if parts else ""


def sections(result: Result) -> list[Section]:
    """What was found of each variant, in the order of the result."""
    comparisons = {comparison.variant: comparison for comparison in result.comparisons}
    return [_section(result, variant, comparisons.get(variant.name)) for variant in result.variants]


def _section(result: Result, variant: Variant, comparison: Comparison | None) -> Section:
    findings: list[Finding | None] = []
    heading = f"{variant.name} (baseline)" if variant.baseline else variant.name
    if comparison:
        heading = f"{variant.name} against {comparison.baseline}"
        baseline = next((v for v in result.variants if v.name == comparison.baseline), None)
        findings += [
            _drop(comparison, variant.accuracy),
            *_also(comparison, variant),
            _compression(comparison, baseline),
            _speedup(comparison),
            _batches(comparison, variant),
            _over_pytorch(comparison),
            _changed(comparison, variant.accuracy),
            _verdict(comparison),
        ]
    findings += [
        _end_to_end(variant),
        _framework(variant),
        _memory(variant),
        _executed(variant),
        _agreement(variant.agreement),
        _reverted(variant),
        _weight_bits(variant),
    ]
    found = [finding for finding in findings if finding]
    return Section(heading, found, comparison.verdict if comparison else None)


def _drop(comparison: Comparison, accuracy: Accuracy | None) -> Finding | None:
    delta, ci95 = comparison.accuracy_delta, comparison.accuracy_delta_ci95
    if delta is None:
        return None
    sign = -1 if accuracy is None or accuracy.higher_is_better else 1
    text = f"{accuracy.metric} " if accuracy and accuracy.metric != "accuracy" else ""
    text += _worse(sign * delta)
    if ci95:
        least, most = sorted(sign * end for end in ci95)
        text += f" (95 % interval {_worse(least)} to {_worse(most)})"
    if comparison.max_drop is not None:
        text += f"; max_drop {metric(comparison.max_drop)}"
    return Finding("accuracy drop", text)


def _worse(drop: float) -> str:
    if metric(abs(drop)) == metric(0):
        return "unchanged" if drop == 0 else f"{abs(drop):.1g} {'worse' if drop > 0 else 'better'}"
    return f"{metric(abs(drop))} {'worse' if drop > 0 else 'better'}"


def _also(comparison: Comparison, variant: Variant) -> list[Finding]:
    """Further metrics, with how they changed."""
    changes = {change.metric: change for change in comparison.also}
    return [
        Finding("also", f"{item.metric} {_changed_by(changes[item.metric], item.higher_is_better)}")
        for item in variant.also
        if item.metric in changes
    ]


def _changed_by(change: MetricChange, higher_is_better: bool) -> str:
    sign = -1 if higher_is_better else 1
    least, most = sorted(sign * end for end in change.delta_ci95)
    return f"{_worse(sign * change.delta)} (95 % interval {_worse(least)} to {_worse(most)})"


def _over_pytorch(comparison: Comparison) -> Finding | None:
    value, ci95 = comparison.pytorch_speedup, comparison.pytorch_speedup_ci95
    if value is None or not comparison.pytorch_precisions:
        return None
    text = f"PyTorch {comparison.pytorch_precisions}: {ratio(value)} in latency"
    return Finding("over PyTorch", text + (f" (95 % interval {interval(ci95, 2)})" if ci95 else ""))


def _compression(comparison: Comparison, baseline: Variant | None) -> Finding | None:
    if comparison.compression is None:
        return None
    storage = comparison.compression_against or (baseline.storage if baseline else "")
    if not storage:
        return Finding("compression", "not shown: the baseline's storage type is not recorded")
    against = f"{comparison.baseline} stored as {storage}"
    text = f"{ratio(comparison.compression)} against {against}"
    if comparison.bin_compression is not None:
        text += f", the .bin alone {ratio(comparison.bin_compression)}"
    return Finding("compression", text)


def _speedup(comparison: Comparison) -> Finding | None:
    parts = [
        f"{ratio(value)} in {of}" + (f" (95 % interval {interval(ci95, 2)})" if ci95 else "")
        for value, ci95, of in (
            (comparison.speedup, comparison.speedup_ci95, "latency"),
            (comparison.throughput_speedup, comparison.throughput_speedup_ci95, "throughput"),
        )
        if value is not None
    ]
    if not parts:
        return None
    if not comparison.precisions:
        return Finding("speed-up", "not shown: the precisions it compares are not recorded")
    return Finding("speed-up", f"{comparison.precisions}: {', '.join(parts)}")


def _batches(comparison: Comparison, variant: Variant) -> Finding | None:
    rates = {found.batch: found.samples_per_second for found in variant.batched}
    parts = [
        f"batch {found.batch}: {ratio(found.speedup)}"
        + (f" ({interval(found.ci95, 2)})" if found.ci95 else "")
        + f", {rates[found.batch]:.4g} samples a second"
        for found in comparison.batched
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
    if comparison.verdict is None:
        return None
    reasons = {
        "pass": "the whole interval of the drop is within max_drop",
        "fail": "the whole interval of the drop is beyond max_drop",
        "not enough samples": "no number would settle it: the drop is too near max_drop",
    }
    reason = reasons[comparison.verdict]
    if comparison.samples_needed is not None:
        reason = f"about {comparison.samples_needed} would settle it"
    return Finding("verdict", f"{VERDICT_MARKS[comparison.verdict]}: {reason}")


def _end_to_end(variant: Variant) -> Finding | None:
    span = variant.end_to_end
    if span is None:
        return None
    return Finding("end to end", f"{span.p50_ms:.3g} ms from a row of data to the answer")


def _memory(variant: Variant) -> Finding | None:
    if variant.peak_rss_bytes is None or variant.compile_ms is None:
        return None
    text = f"{human_bytes(variant.peak_rss_bytes)} at most; compiled in {variant.compile_ms:.0f} ms"
    return Finding("memory", text)


def _framework(variant: Variant) -> Finding | None:
    framework, threads = (variant.execution.get(key) for key in ("framework", "threads"))
    return Finding("run by", f"{framework} with {threads} threads") if framework else None


def _executed(variant: Variant) -> Finding | None:
    shares = shares_of(variant)
    return Finding("executed in", f"{shares} of the time") if shares else None


def shares_of(variant: Variant) -> str:
    """Executed precisions, the largest share first, as in `i8 82 %, f32 18 %`."""
    shares = sorted(variant.executed_precision.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {percent(share)}" for name, share in shares)


def _agreement(agreement: Agreement | None) -> Finding | None:
    if agreement is None:
        return None
    parts = []
    if agreement.value is not None:
        same = f" ({agreement.same})" if agreement.same else ""
        parts.append(f"{percent(agreement.value)} same prediction as {agreement.with_}{same}")
    if agreement.cosine is not None:
        lowest = f" (lowest {agreement.min_cosine:.4f})" if agreement.min_cosine is not None else ""
        parts.append(f"cosine {agreement.cosine:.4f}{lowest}")
    if agreement.max_abs_difference is not None:
        parts.append(f"largest difference {agreement.max_abs_difference:.3g}")
    return Finding("agreement", "; ".join(parts)) if parts else None


def _reverted(variant: Variant) -> Finding | None:
    names = [name for component in variant.components for name in component.reverted]
    if not names:
        return None
    shown = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
    return Finding("reverted", f"{len(names)} operations to floating point: {shown}")


def _weight_bits(variant: Variant) -> Finding | None:
    parts = [
        ", ".join(f"{name} {percent(share)}" for name, share in component.weight_bits.items())
        for component in variant.components
        if component.weight_bits
    ]
    return Finding("weights", "; ".join(parts)) if parts else None


def metric(value: float) -> str:
    """A metric's value: four decimals tell one sample of ten thousand."""
    return f"{value:.4f}"


def interval(ends: Sequence[float], digits: int = 4) -> str:
    """A confidence interval's two ends; a dash between them where it is no minus."""
    low, high = (f"{end:.{digits}f}" for end in ends)
    return f"{low} to {high}" if "-" in low + high else f"{low}–{high}"


def varying(accuracy: Accuracy | None) -> str | None:
    """The interval of a metric; None where there is none, or the value cannot vary."""
    return interval(accuracy.ci95) if accuracy and accuracy.varies else None


def ratio(value: float) -> str:
    return f"{value:.2f}×"


def percent(share: float) -> str:
    """A share; only what is whole is called 0 % or 100 %."""
    if 0.9995 <= share < 1:
        return "> 99.9 %"
    if 0 < share < 0.0005:
        return "< 0.1 %"
    shown = f"{100 * share:.1f}"
    return f"{shown.removesuffix('.0')} %"
