"""What runs are filtered by: their request, the numbers of the headline, versions, machine."""

from __future__ import annotations

from ovtui.core.results.choice import headline
from ovtui.core.results.result import Comparison, Result
from ovtui.core.runs.run_request import Heading

KEYS = (
    "run", "id", "state", "device", "model", "reason",
    "task", "host", "variant", "verdict", "metric", "value", "drop", "faster", "smaller", "size",
    "p50", "seconds", "openvino", "nncf",
)  # fmt: skip
"""What rows of runs are filtered by."""
_DEMO = "/demo/"


def words(id: str, heading: Heading | None) -> list[str]:
    """Returns the texts in which a word without a key is looked for.

    Args:
        id: of the run.
        heading: its request in short; None where that is damaged, and the id is all there is.
    """
    if heading is None:
        return [id]
    # `demo` finds those that come with ovtui and need no network, whatever their names are.
    demo = "demo" if _DEMO in (heading.recipe_path or "") else ""
    return [id, heading.name, heading.model, heading.device, demo]


def run_fields(
    id: str, heading: Heading | None, state: str, reason: str, result: Result | None
) -> dict[str, str | float | None]:
    """Returns the fields of a run and of its headline.

    Args:
        id: of the run.
        heading: None where `run.json` is damaged.
        state: in a word.
        reason: why it failed.
        result: where it has one.

    Returns:
        `drop` in the metric's unit, above zero where the variant is worse; `faster` and `smaller`
        as ratios; `size` in bytes, `p50` in ms, `seconds` of all stages.
    """
    return {
        "run": heading.name if heading else id,
        "id": id,
        "state": state,
        "device": heading.device if heading else None,
        "model": heading.model if heading else None,
        "reason": reason,
    } | _of_result(result)


def _of_result(result: Result | None) -> dict[str, str | float | None]:
    if result is None:
        return {}
    best = headline(result)
    variant = next((it for it in result.variants if best and it.name == best.variant), None)
    accuracy = variant.accuracy if variant else None
    return {
        "task": result.task,
        "host": result.machine.host,
        "variant": best.variant if best else None,
        "verdict": _verdict(best),
        "metric": accuracy.metric if accuracy else None,
        "value": accuracy.value if accuracy else None,
        "drop": _drop(best, higher_is_better=accuracy is None or accuracy.higher_is_better),
        "faster": best.speedup if best else None,
        "smaller": best.compression if best else None,
        "size": float(variant.size_bytes) if variant else None,
        "p50": variant.latency.p50_ms if variant and variant.latency else None,
        "seconds": sum(stage.seconds for stage in result.stages),
        "openvino": result.versions.get("openvino"),
        "nncf": result.versions.get("nncf"),
    }


def _verdict(best: Comparison | None) -> str | None:
    if best is None:
        return None
    return best.verdict or ("no verdict" if best.no_verdict else None)


def _drop(best: Comparison | None, *, higher_is_better: bool) -> float | None:
    if best is None or best.accuracy_delta is None:
        return None
    return -best.accuracy_delta if higher_is_better else best.accuracy_delta
