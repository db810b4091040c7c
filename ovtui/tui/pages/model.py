"""A model as lines."""

from __future__ import annotations

from pathlib import Path

from rich.text import Text

from ovtui.core.reports.numbers import metric
from ovtui.core.reports.wording import sections
from ovtui.core.results.result import Result
from ovtui.core.runs.lineage import Model
from ovtui.core.text.units import human_bytes, human_seconds, three_digits
from ovtui.tui.text import FAINT, STRONG, line, wrapped


def page(model: Model, result: Result | None, width: int) -> list[Text]:
    """Returns everything about a model; `result` is that of the run that made it.

    Args:
        model: with what its files tell.
        result: of the run that made it, where one did.
        width: cells of a line.
    """
    lines = [*wrapped(model.name, width, STRONG), line((model.task, FAINT)), line()]
    facts = {
        "format": model.format,
        "architecture": model.architecture,
        "precision": model.precision,
        "size": human_bytes(model.size_bytes) if model.size_bytes else "",
        "from": model.origin,
        "path": model.path,
        "recipes": ", ".join(model.recipes),
    }
    for label, text in facts.items():
        if text:
            lines += wrapped(text, width, lead=f"  {label:<12}")
    for part in model.parts:
        lines += wrapped(
            f"{Path(part.path).stem}  {human_bytes(part.size_bytes)}", width, lead=f"  {'part':<12}"
        )
    if model.run and result is not None:
        lines += _measured(model.name, result, width)
    return lines


def _measured(name: str, result: Result, width: int) -> list[Text]:
    variant = next((variant for variant in result.variants if variant.name == name), None)
    if variant is None:
        return []
    lines = [line(), line(("As measured", STRONG))]
    facts = {"runs in": variant.runs_in}
    if variant.latency:
        facts["latency"] = f"{three_digits(variant.latency.p50_ms)} ms (median)"
    if variant.throughput:
        facts["throughput"] = f"{variant.throughput.per_second:.4g} per second"
    if variant.accuracy:
        facts[variant.accuracy.metric] = metric(variant.accuracy.value)
    if variant.compile_ms is not None:
        facts["compiled in"] = human_seconds(variant.compile_ms / 1000)
    for label, text in facts.items():
        lines += wrapped(text, width, lead=f"  {label:<12}") if text else []
    for section in sections(result):
        if section.heading.split(" against ")[0] == name:
            for finding in section.findings:
                lines += wrapped(finding.text, width, lead=f"  {finding.label:<14}")
    return lines
