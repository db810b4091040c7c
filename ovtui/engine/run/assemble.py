"""Everything that the stages found out, as one result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from ovtui.core.machine.machine import all_versions, machine
from ovtui.core.recipes.compression import method_name, parameters
from ovtui.core.recipes.ir_xml import weights_beside
from ovtui.core.recipes.recipe import BUCKET, Recipe
from ovtui.core.recipes.source import model_format
from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.results import outcomes, result
from ovtui.core.results.choice import choose
from ovtui.core.results.compare import (
    PairedComparison,
    Resampled,
    compare_outcomes,
    compare_resampled,
)
from ovtui.core.results.execution import execution_beside, execution_fields, throughput_beside
from ovtui.core.results.speeds import Latency
from ovtui.core.results.variant import Component, Variant
from ovtui.core.runs import events
from ovtui.core.runs.run_folder import Run
from ovtui.engine.measuring.benchmark import Measured
from ovtui.engine.run.slow_variants import keep_operations, with_slow_reasons
from ovtui.engine.run.speed_comparison import compare_with_all
from ovtui.engine.run.twins import with_twins
from ovtui.engine.run.variants import PYTORCH, Artefact, Prepared
from ovtui.engine.store import fingerprint
from ovtui.engine.store.stage_output import (
    Collected,
    Compressed,
    Evaluated,
    FurtherScore,
    VariantScore,
    read_info,
)
from ovtui.engine.store.stage_work import Job


@dataclass(frozen=True, slots=True)
class Findings:
    """All that the stages of a run found out."""

    prepared: Prepared
    artefacts: Sequence[Artefact]
    evaluated: Evaluated
    measured: Mapping[str, Measured]
    """By variant; empty where no speed is asked for."""
    times: list[result.StageTime]
    sources: list[result.HubSource]


def assemble(run: Run, job: Job, findings: Findings) -> result.Result:
    """Returns a run's result, and keeps its outcomes for comparisons with other runs.

    Args:
        run: whose folder gets the outcomes of every sample, and the operations of every variant.
        job: what was asked for, at the commits and on the device that were taken.
        findings: of all its stages.
    """
    recipe, prepared, evaluated = job.recipe, findings.prepared, findings.evaluated
    scores = {score.variant: score for score in evaluated.scores}
    variants = [_variant(run, recipe, artefact, findings) for artefact in findings.artefacts]
    variants = with_twins(variants)
    evaluation = read_info(prepared.evaluation.folder, Collected)
    _keep_outcomes(run, evaluated, evaluation)
    assembled = result.Result(
        run=run.id,
        recipe=job.name,
        title=recipe.title,
        task=recipe.task,
        outcome="done",
        machine=machine(),
        versions=all_versions(),
        device=job.device,
        stages=findings.times,
        calibration=_calibration(recipe, prepared, evaluation),
        evaluation=result.EvaluationData(
            dataset=evaluation.dataset,
            split=recipe.data.evaluation.split,
            samples=len(evaluation.indices) - len(evaluated.left_out),
            skipped=evaluation.skipped,
            not_finite=len(evaluated.left_out),
        ),
        classes=prepared.classes,
        reading=evaluated.outputs_read,
        max_drop=recipe.max_drop,
        variants=variants,
        comparisons=[
            _with_accuracy(compare_with_all(variant, variants), recipe, evaluated, scores)
            for variant in variants[1:]
        ],
        samples=evaluated.samples,
        warnings=warnings_of(run),
        trusted=recipe.trust,
        sources=findings.sources,
    )
    profiles = evaluated.profiles | {
        name: measured.profiles for name, measured in findings.measured.items() if measured.profiles
    }
    assembled = with_slow_reasons(assembled, keep_operations(run, profiles, job.device))
    taken = choose(assembled)
    return msgspec.structs.replace(assembled, chosen=taken.variant if taken else None)


def measured_fields(measured: Measured | None) -> dict[str, Any]:
    """Returns what was measured of a variant, as fields of its result; no fields for None."""
    if measured is None:
        return {}
    return {
        "latency": _with_components(measured.latency),
        **({"end_to_end": measured.end_to_end} if measured.end_to_end else {}),
        "real_lengths": measured.real_lengths,
        "throughput": measured.throughput,
        "batched": measured.batched,
        "sweep": measured.sweep,
        "compile_ms": measured.compile_ms,
        "first_inference_ms": measured.first_inference_ms,
        "peak_rss_bytes": measured.peak_rss_bytes,
        "executed_precision": measured.executed_precision,
        "execution": measured.execution,
    }


def _with_components(latency: Latency | None) -> Latency | None:
    """A whole model is one component, which takes all of the time."""
    if latency is None or latency.components:
        return latency
    own = {"p50_ms": latency.p50_ms}
    return msgspec.structs.replace(latency, components={WHOLE_MODEL: own})


def warnings_of(run: Run) -> list[str]:
    """Returns what the stages warned of, each once."""
    messages = [event.message for event in run.tail().events if isinstance(event, events.Warned)]
    return list(dict.fromkeys(messages))


def component_files(name: str, method: str, model: Path, reverted: list[str]) -> Component:
    """Returns one component with its bytes on disk.

    Args:
        name: of the component.
        method: name of what was done to it; `none` for a baseline.
        model: its `.xml`, or another file that holds a whole model and counts as `bin_bytes`.
        reverted: operations that accuracy control put back into floating point.
    """
    weights = weights_beside(model)
    if model_format(model) != "openvino":
        return Component(
            name=name,
            method=method,
            xml_bytes=0,
            bin_bytes=model.stat().st_size,
            digest=fingerprint.of_calculation(model),
        )
    return Component(
        name=name,
        method=method,
        xml_bytes=model.stat().st_size,
        bin_bytes=weights.stat().st_size if weights.exists() else 0,
        reverted=reverted,
        digest=fingerprint.of_calculation(model),
    )


def _variant(run: Run, recipe: Recipe, artefact: Artefact, findings: Findings) -> Variant:
    evaluated, measured = findings.evaluated, findings.measured.get(artefact.name)
    baseline = artefact is findings.artefacts[0]
    components = []
    for name, path in artefact.files.items() if artefact.name != PYTORCH else ():
        compressed = artefact.compressed.get(name, Compressed(nncf_seconds=0))
        files = component_files(
            name, method_name(artefact.methods[name]), path, compressed.reverted
        )
        facts = {
            "kept": compressed.kept,
            "kept_heads": compressed.kept_heads,
            "kept_decoder": compressed.kept_decoder,
            "weight_bits": compressed.weight_bits,
            "awq_layers": compressed.awq_layers,
            "unchanged": compressed.unchanged,
        }
        components.append(msgspec.structs.replace(files, **facts))
    score = next(item for item in evaluated.scores if item.variant == artefact.name)
    fields: dict[str, Any] = {
        "end_to_end": evaluated.end_to_end.get(artefact.name),
        "reading": evaluated.reading.get(artefact.name),
    }
    fields |= measured_fields(measured) or {"execution": {"requested": artefact.properties}}
    if artefact.bucket:
        fields["execution"] = fields["execution"] | {BUCKET: artefact.bucket}
    if artefact.tried or artefact.throughput or artefact.bucket:
        fields["execution"] = fields["execution"] | _chosen_fields(artefact)
    return Variant(
        name=artefact.name,
        baseline=baseline,
        path="" if artefact.name == PYTORCH else str(artefact.folder.relative_to(run.folder)),
        storage="" if artefact.name == PYTORCH else recipe.baseline.storage,
        storage_effect=evaluated.storage if baseline else None,
        components=components,
        size_bytes=sum(item.xml_bytes + item.bin_bytes for item in components),
        bits_per_weight=_bits_per_weight(components, findings.prepared.converted.parameters),
        accuracy=score.accuracy,
        also=[item.accuracy for item in score.also],
        agreement=score.agreement,
        first_agreement=artefact.first_agreement,
        self_check=score.self_check,
        parameters={
            name: parameters(method) for name, method in artefact.methods.items() if method.changes
        },
        **fields,
    )


def _chosen_fields(artefact: Artefact) -> dict[str, object]:
    """What was chosen by measuring, and the files beside the models that were written of it."""
    beside = {name: execution_beside(path) for name, path in artefact.files.items()}
    written = {name: path.name for name, path in beside.items() if path.exists()}
    busy = throughput_beside(artefact.model).name if artefact.busy_properties else ""
    return execution_fields(artefact.tried, written, artefact.throughput, busy)


def _bits_per_weight(components: Sequence[Component], weights: int) -> float | None:
    """Of the files' bits, where they are files of that many weights."""
    stored = sum(component.bin_bytes for component in components)
    return round(8 * stored / weights, 3) if stored and weights else None


def _with_accuracy(
    comparison: result.Comparison,
    recipe: Recipe,
    evaluated: Evaluated,
    scores: Mapping[str, VariantScore],
) -> result.Comparison:
    baseline, variant = scores[comparison.baseline], scores[comparison.variant]
    # PyTorch's own model is there to be compared with: no verdict is asked for.
    max_drop = None if comparison.variant == PYTORCH else recipe.max_drop
    undefined = baseline.accuracy.undefined or variant.accuracy.undefined
    undefined = undefined or _unsure(baseline, variant)
    paired = _paired(
        evaluated.reduction,
        baseline,
        variant,
        max_drop=None if undefined else max_drop,
        same_outputs=variant.same_outputs,
    )
    also = [
        _change(ours, theirs, same_outputs=variant.same_outputs)
        for ours, theirs in zip(baseline.also, variant.also, strict=True)
    ]
    flips = None
    if paired.worse is not None and paired.better is not None:
        flips = {"worse": paired.worse, "better": paired.better}
    fields = {name: getattr(comparison, name) for name in comparison.__struct_fields__}
    return result.Comparison(
        **fields
        | {
            "also": also,
            "accuracy_delta": paired.delta,
            "accuracy_delta_ci95": paired.delta_ci95,
            "flips": flips,
            "p_value": paired.p_value,
            "test": paired.test,
            "max_drop": max_drop,
            # Whoever answers with NaN does not keep within any drop.
            "verdict": "fail" if variant.not_finite and max_drop is not None else paired.verdict,
            "samples_needed": paired.samples_needed,
            "no_verdict": (undefined if max_drop is not None else "") or paired.no_verdict,
            "objects": variant.objects,
            "divergence": variant.divergence,
            "same_outputs": variant.same_outputs,
        }
    )


def _unsure(*scores: VariantScore) -> str:
    """Why no verdict can rest on the evaluation's outputs, where they are not the file's."""
    wrong = [score.variant for score in scores if score.self_check and not score.self_check.equal]
    return f"{', '.join(wrong)}: fresh requests give other outputs" if wrong else ""


def _change(
    baseline: FurtherScore, variant: FurtherScore, *, same_outputs: bool
) -> result.MetricChange:
    paired = _paired(
        baseline.reduction, baseline, variant, max_drop=None, same_outputs=same_outputs
    )
    return result.MetricChange(
        metric=variant.accuracy.metric,
        delta=paired.delta,
        delta_ci95=paired.delta_ci95,
        p_value=paired.p_value,
        test=paired.test,
    )


def _paired(
    reduction: str,
    baseline: VariantScore | FurtherScore,
    variant: VariantScore | FurtherScore,
    *,
    max_drop: float | None,
    same_outputs: bool,
) -> PairedComparison:
    """A variant against the baseline, by the outcomes of its samples or by resamples."""
    higher = variant.accuracy.higher_is_better
    if baseline.resampled:
        before, after = (
            Resampled(side.accuracy.value, side.resampled, side.outcomes)
            for side in (baseline, variant)
        )
        return compare_resampled(
            reduction,
            before,
            after,
            higher_is_better=higher,
            max_drop=max_drop,
            same_outputs=same_outputs,
        )
    return compare_outcomes(
        reduction,
        baseline.outcomes,
        variant.outcomes,
        higher_is_better=higher,
        max_drop=max_drop,
        same_outputs=same_outputs,
    )


def _calibration(
    recipe: Recipe, prepared: Prepared, evaluation: Collected
) -> result.Calibration | None:
    if prepared.calibration is None:
        return None
    collected = read_info(prepared.calibration.folder, Collected)
    return result.Calibration(
        dataset=collected.dataset,
        split=recipe.calibration.split,
        samples=len(collected.indices),
        overlaps_evaluation=bool(collected.shared_with(evaluation)),
        duplicates=collected.duplicates,
        skipped=collected.skipped,
    )


def _keep_outcomes(run: Run, evaluated: Evaluated, evaluation: Collected) -> None:
    first = evaluated.scores[0].accuracy
    kept = [it for it in range(len(evaluation.indices)) if it not in evaluated.left_out]
    outcomes.write(
        run.folder,
        outcomes.Outcomes(
            metric=first.metric,
            reduction=evaluated.reduction,
            higher_is_better=first.higher_is_better,
            dataset=evaluation.dataset,
            split=evaluation.split,
            samples=[evaluation.indices[it] for it in kept],
            digests=[evaluation.digests[it] for it in kept],
            variants={score.variant: score.outcomes for score in evaluated.scores},
            resampled={
                score.variant: [score.accuracy.value, *score.resampled]
                for score in evaluated.scores
                if score.resampled
            },
        ),
    )
