"""What is concluded from a run, in words: verdicts, the choice, one sentence for the whole."""

from __future__ import annotations

from collections.abc import Sequence

from ovtui.core.reports.numbers import change, change_interval, metric, size, speed
from ovtui.core.results.choice import candidates, headline, helps, taken
from ovtui.core.results.result import Comparison, Result
from ovtui.core.results.variant import Accuracy

VERDICT_MARKS = {"pass": "PASS", "fail": "FAIL", "not enough samples": "NOT ENOUGH SAMPLES"}
NO_VERDICT = "NO VERDICT"


def verdict(comparison: Comparison) -> str:
    """Returns the verdict with its reason; empty where none was asked for."""
    if comparison.no_verdict:
        return f"{NO_VERDICT}: {comparison.no_verdict}"
    if comparison.verdict is None:
        return ""
    return f"{VERDICT_MARKS[comparison.verdict]}: {_reason(comparison)}"


def _reason(comparison: Comparison) -> str:
    if comparison.same_outputs:
        return f"every output is that of {comparison.baseline}, number by number, on all samples"
    if comparison.verdict == "pass":
        return "the whole interval of the change is within max_drop"
    if comparison.verdict == "fail":
        return "the whole interval of the change is beyond max_drop"
    if comparison.samples_needed is None:
        return "no number would settle it: the change is too near max_drop"
    settled = f"about {comparison.samples_needed} would settle it"
    flips = comparison.flips or {"worse": 1}
    unseen = "no sample changed, but among so few one that does could be missing; "
    return settled if any(flips.values()) else unseen + settled


def accuracy_change(comparison: Comparison, accuracy: Accuracy | None) -> str:
    """Returns the change of the metric with its interval, as in `-0.0010 (95 % CI …)`.

    Args:
        comparison: of a variant with the baseline; without the metric the text is empty.
        accuracy: of the variant, for the direction of its metric; None leaves that out.
    """
    if comparison.accuracy_delta is None:
        return ""
    text = change(comparison.accuracy_delta)
    if comparison.accuracy_delta_ci95 and not comparison.same_outputs:
        text += f" ({change_interval(comparison.accuracy_delta_ci95)})"
    if accuracy and not accuracy.higher_is_better:
        text += ", lower is better"
    return text


def gains(comparison: Comparison) -> list[str]:
    """Returns what a variant gains: speed in latency, or in throughput where that alone is known;
    size.
    """
    faster = faster_in_latency(comparison)
    if not faster and (in_throughput := faster_in_throughput(comparison)):
        faster = f"in throughput {in_throughput}"
    smaller = size(comparison.compression) if comparison.compression is not None else ""
    return [gain for gain in (faster, smaller) if gain]


def faster_in_latency(comparison: Comparison) -> str:
    """Returns the speed-up with both its precisions, as in `1.94× faster (f32 → i8; bf16 → i8
    …)`.
    """
    return _faster(comparison, comparison.speedup, comparison.same_precision_speedup)


def faster_in_throughput(comparison: Comparison) -> str:
    """Returns the speed-up in throughput, of requests that run side by side, in the same form."""
    same = comparison.same_precision_throughput_speedup
    return _faster(comparison, comparison.throughput_speedup, same)


def _faster(comparison: Comparison, speedup: float | None, same: float | None) -> str:
    """A speed-up in words; empty where it was not measured, or its precisions are not known.

    Beside it stands the speed-up over the uncompressed model at the variant's own precision, where
    that is another model than the baseline.
    """
    if speedup is None or not comparison.precisions:
        return ""
    precisions = comparison.precisions
    if same is not None and comparison.same_precision_baseline not in ("", comparison.baseline):
        precisions += f"; {comparison.same_precision} {speed(same)}"
    return f"{speed(speedup)} ({precisions})"


def choice(result: Result) -> str:
    """Returns what to take in place of what, in words; empty where there is nothing to choose
    from.
    """
    compared, chosen = candidates(result), taken(result)
    if len(compared) < 2:
        return ""
    aside = _aside(result, [comparison for comparison in compared if comparison is not chosen])
    if chosen:
        return ", ".join([f"{chosen.variant}: within max_drop", *gains(chosen)]) + aside
    if any(comparison.verdict == "pass" for comparison in compared):
        return f"none: what keeps within max_drop is neither smaller nor faster{aside}"
    return f"none is known to keep within max_drop{aside}"


def _aside(result: Result, others: Sequence[Comparison]) -> str:
    """Why others were not taken, in brackets; of those that only were slower, nothing."""
    twins = {variant.name: variant.same_files_as for variant in result.variants}
    own = [it for it in others if not twins[it.variant]]
    reasons = {
        "more than max_drop": [comparison for comparison in own if comparison.verdict == "fail"],
        "not settled": [
            comparison for comparison in own if comparison.verdict == "not enough samples"
        ],
        "neither smaller nor faster": [
            comparison
            for comparison in own
            if comparison.verdict == "pass" and not helps(comparison)
        ],
    }
    clauses = [f"{_names(those)}: {reason}" for reason, those in reasons.items() if those]
    clauses += [
        f"{it.variant}: the same as {twins[it.variant]}" for it in others if twins[it.variant]
    ]
    return f" ({'; '.join(clauses)})" if clauses else ""


def _names(those: Sequence[Comparison]) -> str:
    return ", ".join(comparison.variant for comparison in those)


def in_one_sentence(result: Result) -> str:
    """Returns the result for who reads one sentence; empty where nothing was compared."""
    comparison = headline(result)
    if comparison is None:
        return ""
    variant = next((it for it in result.variants if it.name == comparison.variant), None)
    kept = _kept(comparison, variant.accuracy if variant else None, result.max_drop)
    gained = " and ".join(gains(comparison))
    if kept and gained:
        return f"{comparison.variant} {kept}, and is {gained}."
    return f"{comparison.variant} {kept or f'is {gained}'}." if kept or gained else ""


def _kept(comparison: Comparison, accuracy: Accuracy | None, max_drop: float | None) -> str:
    """What is known of the loss, as in `keeps accuracy within 0.0100 of fp32, change …`."""
    if comparison.verdict is None or max_drop is None:
        return ""
    name, limit = accuracy.metric if accuracy else "accuracy", metric(max_drop)
    words = {
        "pass": f"keeps {name} within {limit} of {comparison.baseline}",
        "fail": f"loses more than {limit} of {name} to {comparison.baseline}",
        "not enough samples": f"is not known to keep {name} within {limit} of "
        f"{comparison.baseline} (not enough samples)",
    }
    return f"{words[comparison.verdict]}, change {accuracy_change(comparison, accuracy)}"
