"""What a variant's components are executed with, in words, and how to execute them so elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.reports.method_wording import in_words
from ovtui.core.reports.numbers import speed_with_interval
from ovtui.core.results.execution import BESIDE, NO_TIME, Tried, chosen_execution
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
        tried = execution.candidates.get(name, [])
        if name in execution.chosen and name in execution.chosen_speedup:
            gain = speed_with_interval(
                execution.chosen_speedup[name], execution.chosen_speedup_ci95.get(name)
            )
            ms = [
                three_digits(it.get(name, 0.0))
                for it in (execution.chosen_ms, execution.default_ms)
            ]
            words = (
                f"{', '.join(in_words(execution.chosen[name]))}: {gain} than the device's default "
                f"({', '.join(in_words(default))}), {ms[0]} ms instead of {ms[1]} ms"
            )
        else:
            words = f"{', '.join(in_words(default))}, the device's default{_refused(tried)}"
        lines.append(words if name == WHOLE_MODEL else f"{name}: {words}")
    return lines


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
    files = chosen_execution(variant.execution).files
    return [
        f'how = json.load(open("{name}")); model = core.compile_model('
        f'"{name.removesuffix(BESIDE)}.xml", "{result.device}", how["{result.device}"])'
        for name in files.values()
    ]
