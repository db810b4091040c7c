"""What a variant's components are executed with, in words, and how to execute them so elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.reports.method_wording import in_words
from ovtui.core.reports.numbers import speed_with_interval
from ovtui.core.results.execution import (
    BESIDE,
    BUSY,
    NO_TIME,
    ComponentExecution,
    Tried,
    chosen_execution,
)
from ovtui.core.results.result import Result
from ovtui.core.results.variant import Variant
from ovtui.core.text.units import three_digits


def executions(variant: Variant) -> list[str]:
    """Returns for each component what was chosen, how much faster that is, and what it was tried
    against.
    """
    execution = chosen_execution(variant.execution)
    lines = []
    for name, default in execution.default.items():
        words = _in_words(
            ComponentExecution(
                default=default,
                chosen=execution.chosen.get(name, {}),
                default_ms=execution.default_ms.get(name),
                chosen_ms=execution.chosen_ms.get(name),
                speedup=execution.chosen_speedup.get(name, 1.0),
                speedup_ci95=execution.chosen_speedup_ci95.get(name),
                candidates=execution.candidates.get(name, []),
            )
        )
        lines.append(words if name == WHOLE_MODEL else f"{name}: {words}")
    if execution.throughput:
        lines.append(f"for throughput: {_in_words(execution.throughput)}")
    return lines


def _in_words(execution: ComponentExecution) -> str:
    default = ", ".join(in_words(execution.default))
    if not execution.chosen or execution.default_ms is None or execution.chosen_ms is None:
        return f"{default}, the device's default{_refused(execution.candidates)}"
    gain = speed_with_interval(execution.speedup, execution.speedup_ci95)
    ms = [three_digits(it) for it in (execution.chosen_ms, execution.default_ms)]
    return (
        f"{', '.join(in_words(execution.chosen))}: {gain} than the device's default ({default}), "
        f"{ms[0]} ms instead of {ms[1]} ms"
    )


def _refused(tried: Sequence[Tried]) -> str:
    """Why the default stays, as in `; of 5 candidates 3 not clearly faster, 2 no time left`."""
    if not tried:
        return ""
    reasons = Counter(it.refused.partition(":")[0] for it in tried)
    if set(reasons) == {NO_TIME}:
        return f"; {NO_TIME} to try {len(tried)} candidates"
    parts = [f"{count} {reason}" for reason, count in reasons.items()]
    return f"; of {len(tried)} candidates {', '.join(parts)}"


def loading(result: Result, variant: Variant) -> list[str]:
    """Returns the lines of Python that load the components as they were executed."""
    execution = chosen_execution(variant.execution)
    files = [*execution.files.values(), *filter(None, [execution.throughput_file])]
    return [
        f'how = json.load(open("{name}")); model = core.compile_model('
        f'"{name.removesuffix(BESIDE).removesuffix(BUSY)}.xml", "{result.device}", '
        f'how["{result.device}"])'
        for name in files
    ]
