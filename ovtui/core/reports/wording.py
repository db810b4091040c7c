"""What a result says, in words that every report shares; not yet safe to print."""

from __future__ import annotations

from typing import NamedTuple

from ovtui.core.reports import object_wording
from ovtui.core.reports.comparison_wording import Finding, compared
from ovtui.core.reports.execution_wording import executions, loading
from ovtui.core.reports.length_wording import beside_padded
from ovtui.core.reports.method_wording import methods
from ovtui.core.reports.numbers import change, metric, percent
from ovtui.core.reports.output_wording import (
    agreement,
    collapsed,
    evaluated,
    outputs,
)
from ovtui.core.reports.sweep_wording import best_point
from ovtui.core.reports.verdict_wording import choice
from ovtui.core.results.result import Classes, Comparison, HubSource, Result
from ovtui.core.results.variant import Component, Variant
from ovtui.core.text.units import human_bytes, three_digits

_NOTABLE_READING = 0.05
"""Of the whole way; a classifier's takes less."""

_NAMED = 5


class Section(NamedTuple):
    """A variant's findings, in the order in which NNCF's own examples report them."""

    variant: str
    heading: str
    findings: list[Finding]
    verdict: str | None


def overview(result: Result) -> list[Finding]:
    """Returns where a result comes from: run, machine, versions, data."""
    machine = result.machine
    isa = f" with {', '.join(machine.isa)}" if machine.isa else ""
    versions = ", ".join(f"{name} {version}" for name, version in result.versions.items())
    findings = [Finding("title", result.title)] if result.title else []
    findings += [
        Finding("recipe", f"{result.recipe} ({result.task})"),
        Finding("run", f"{result.run}: {result.outcome}"),
        Finding(
            "machine",
            f"{result.device} of {machine.host}: {machine.cpu}, {machine.cores} cores{isa}",
        ),
        Finding("versions", versions),
    ]
    findings += [Finding("from the hub", origin(source)) for source in result.sources]
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
    if result.classes:
        findings.append(Finding("classes", _classes(result.classes)))
    if result.reading:
        findings.append(Finding("outputs", f"read as {result.reading}"))
    if shapes := _shapes(result):
        findings.append(Finding("speed", f"measured on inputs of {shapes}"))
    if baseline := _baseline(result):
        findings.append(Finding("baseline", baseline))
    if chosen := choice(result):
        findings.append(Finding("choice", chosen))
    if result.trusted:
        findings.append(Finding("trust", "remote code or pickled weights were allowed"))
    return findings


def _baseline(result: Result) -> str:
    """What every ratio is against: a run's baseline is executed in f32, `bench` takes a file."""
    baseline = next((variant for variant in result.variants if variant.baseline), None)
    if baseline is None or not (baseline.runs_in or baseline.storage):
        return ""
    asked = baseline.execution.get("requested") or {}
    default = "" if "INFERENCE_PRECISION_HINT" in asked else ", as the device chose"
    parts = [f"stored as {baseline.storage}"] * bool(baseline.storage)
    parts += [f"run in {baseline.runs_in}{default}"] * bool(baseline.runs_in)
    return f"{baseline.name}, {', '.join(parts)}"


def _classes(classes: Classes) -> str:
    """What of the model says the class, and how the data's labels were taken."""
    reads = {
        "scores": "the scores in",
        "probability": "the probability in",
        "class": "the index in",
    }
    count = f"{classes.count} by " if classes.count else ""
    return f"{count}{reads[classes.reads]} output {classes.output}; labels {classes.mapping}"


def origin(source: HubSource) -> str:
    """Returns what a run took from the hub: repository, commit and files."""
    files = ", ".join(source.files[:2])
    more = f" and {len(source.files) - 2} more" if len(source.files) > 2 else ""
    asked = f" ({source.revision})" if source.revision else ""
    return f"{source.used_for}: {source.repository} at {source.commit[:10]}{asked}: {files}{more}"


def _shapes(result: Result) -> str:
    """Shapes that speed was measured on; `?` where samples differ."""
    for variant in result.variants:
        shapes = variant.execution.get("shapes")
        if isinstance(shapes, dict):
            return ", ".join(
                f"{name} [{', '.join('?' if size is None else str(size) for size in shape)}]"
                for name, shape in shapes.items()
                if isinstance(shape, list)
            )
    return ""


def _left_out(skipped: int, duplicates: int = 0) -> str:
    parts = [f"{skipped} skipped"] * bool(skipped) + [f"{duplicates} duplicates"] * bool(duplicates)
    return f", {' and '.join(parts)} left out" if parts else ""


def sections(result: Result) -> list[Section]:
    """Returns what was found of each variant, in the order of the result."""
    comparisons = {comparison.variant: comparison for comparison in result.comparisons}
    return [_section(result, variant, comparisons.get(variant.name)) for variant in result.variants]


def _section(result: Result, variant: Variant, comparison: Comparison | None) -> Section:
    findings: list[Finding | None] = []
    stored = f", stored as {variant.storage}" if variant.storage else ""
    heading = f"{variant.name} (baseline{stored})" if variant.baseline else variant.name
    if comparison:
        heading = f"{variant.name} against {comparison.baseline}"
        baseline = next((v for v in result.variants if v.name == comparison.baseline), None)
        findings += compared(comparison, variant, baseline)
    elif variant.accuracy and variant.accuracy.parts:
        findings.append(Finding("parts", object_wording.parts(variant.accuracy)))
    findings += [
        _stored(variant),
        *(Finding("method", method) for method in methods(variant)),
        *(Finding("execution", words) for words in executions(variant)),
        *(Finding("to load", words) for words in loading(result, variant)),
        _end_to_end(variant),
        _real_lengths(variant),
        Finding("sweep", best_point(variant.sweep)) if variant.sweep else None,
        _framework(variant),
        _memory(variant),
        _executed(variant),
        *_outputs(variant),
        _reverted(variant),
        *_kept(variant),
        _weight_bits(variant),
    ]
    known = [finding for finding in findings if finding]
    return Section(variant.name, heading, known, comparison.verdict if comparison else None)


def _stored(variant: Variant) -> Finding | None:
    """What the baseline's storage does to its answers: a row `fp32` may be stored in 16 bits."""
    effect = variant.storage_effect
    if effect is None:
        return None
    text = (
        f"{variant.storage}, which changes {effect.metric} by {change(effect.delta)} "
        f"from {metric(effect.value)}{' of PyTorch' * effect.beside_pytorch}, "
        f"and {effect.changed} of {effect.samples} predictions"
    )
    if effect.max_abs_difference is not None:
        text += f"; outputs differ by {effect.max_abs_difference:.2g} at most"
    return Finding("stored as", text)


def _end_to_end(variant: Variant) -> Finding | None:
    span = variant.end_to_end
    if span is None:
        return None
    text = f"{three_digits(span.p50_ms)} ms (data row to answer)"
    reading = variant.reading
    if reading is not None and reading.p50_ms >= _NOTABLE_READING * span.p50_ms:
        text += f", {three_digits(reading.p50_ms)} of it from the graph's outputs to the answer"
    return Finding("end to end", f"{text}{beside_padded(variant)}")


def _real_lengths(variant: Variant) -> Finding | None:
    lengths = variant.real_lengths
    if lengths is None:
        return None
    fixed = variant.latency.tokens if variant.latency else None
    beside = f" (the table's: {fixed} tokens each)" if fixed else ""
    return Finding(
        "real answers",
        f"p50 {three_digits(lengths.p50_ms)} ms, mean {three_digits(lengths.mean_ms)} ms, p90 "
        f"{three_digits(lengths.p90_ms)} ms for {lengths.count} evaluation samples, "
        f"{lengths.tokens:.1f} tokens on average{beside}",
    )


def _memory(variant: Variant) -> Finding | None:
    if variant.peak_rss_bytes is None or variant.compile_ms is None:
        return None
    peak = human_bytes(variant.peak_rss_bytes)
    return Finding("memory", f"peak {peak}; compiled in {variant.compile_ms:.0f} ms")


def _framework(variant: Variant) -> Finding | None:
    framework, threads = (variant.execution.get(key) for key in ("framework", "threads"))
    return Finding("run by", f"{framework} with {threads} threads") if framework else None


def _executed(variant: Variant) -> Finding | None:
    shares = shares_of(variant)
    return Finding("executed in", f"{shares} of the time") if shares else None


def shares_of(variant: Variant) -> str:
    """Returns executed precisions, the largest share first, as in `i8 82 %, f32 18 %`."""
    shares = sorted(variant.executed_precision.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {percent(share)}" for name, share in shares)


def _outputs(variant: Variant) -> list[Finding]:
    """How near outputs are to the baseline's, all and each; and how they were inferred."""
    findings = []
    if variant.first_agreement and variant.first_agreement.collapsed:
        findings.append(Finding("broken", collapsed(variant.first_agreement)))
    if variant.agreement and (text := agreement(variant.agreement)):
        findings.append(Finding("agreement", text))
        findings += [Finding("output", text) for text in outputs(variant.agreement)]
    if variant.self_check:
        findings.append(Finding("evaluated", evaluated(variant.self_check)))
    return findings


def _reverted(variant: Variant) -> Finding | None:
    names = [name for component in variant.components for name in component.reverted]
    if not names:
        return None
    return Finding("reverted", f"{len(names)} operations to floating point: {_some(names)}")


def _kept(variant: Variant) -> list[Finding]:
    attention = [name for component in variant.components for name in component.kept]
    heads = [name for component in variant.components for name in component.kept_heads]
    decoder = [name for component in variant.components for name in component.kept_decoder]
    return [
        Finding(
            "kept",
            f"{len(names)} operations in floating point, which {why} "
            f"({key} = false quantizes them): {_some(names)}",
        )
        for names, why, key in (
            (attention, "attend to a state", "keep_attention"),
            (heads, "follow the last convolutions of a detector", "keep_heads"),
            (decoder, "calculate with the queries of a detector", "keep_decoder"),
        )
        if names
    ]


def _some(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")


def _awq(component: Component) -> str:
    """How many layers AWQ scaled: it knows few ways in which one follows another."""
    if component.awq_layers is None:
        return ""
    scaled, layers = component.awq_layers
    return f"; AWQ scaled {scaled} of {layers} layers"


def _weight_bits(variant: Variant) -> Finding | None:
    parts = [
        ", ".join(f"{name} {percent(share)}" for name, share in component.weight_bits.items())
        + _awq(component)
        for component in variant.components
        if component.weight_bits
    ]
    if parts and variant.bits_per_weight is not None:
        parts.append(f"{variant.bits_per_weight:.2f} bits a weight, scales and all")
    return Finding("weights", "; ".join(parts)) if parts else None
