"""A recipe as lines: what, components and methods, data, last result."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from ovtui.core.recipes.compression import method_name, parameters
from ovtui.core.recipes.recipe import Recipe, Subset
from ovtui.core.reports.method_wording import in_words
from ovtui.core.reports.summary import summary
from ovtui.core.results.result import Result
from ovtui.tui.text import BAD, FAINT, GOOD, STRONG, WARN, cell, line, wrapped


def page(recipe: Recipe, absent: Sequence[str], last: Result | None, width: int) -> list[Text]:
    """Returns everything about a recipe.

    Args:
        recipe: as loaded.
        absent: what cannot be had offline.
        last: the newest result of it.
        width: cells of a line.
    """
    data = recipe.data
    lines = [*wrapped(recipe.title, width, STRONG), line((recipe.task, FAINT)), line()]
    if absent:
        for text in dict.fromkeys(absent):
            lines += wrapped(text, width, WARN, lead="! ")
    else:
        lines.append(line(("✓ can run now, without a network", GOOD)))
    lines += [line(), *_pair("model", recipe.model.source, width)]
    if recipe.model.weights:
        lines += _pair("weights", recipe.model.weights, width)
    lines += _pair("data", data.source, width)
    if data.calibration:
        lines += _pair("calibration", _subset(data.calibration), width)
    lines += _pair("evaluation", _subset(data.evaluation), width)
    metric = f"{recipe.metric_names[0]}, allowed drop {recipe.max_drop:g}"
    lines += _pair("metric", metric, width)
    if recipe.trust:
        lines += _pair("trust", "runs remote code or reads pickles", width)
    for variant in recipe.variants:
        lines += [line(), line(("variant ", FAINT), (variant.name, STRONG))]
        for component, method in variant.components.items():
            words = [method_name(method), *in_words(parameters(method))]
            lines += _pair(component, ", ".join(words), width)
        for key, value in variant.execution.items():
            lines += _pair(key, str(value), width)
    if last is not None:
        lines += [line(), line(("Last result", STRONG))]
        lines += [cell(text) for text in summary(last, width).split("\n")]
    return lines


def problem(name: str, words: str, width: int) -> list[Text]:
    """Returns the page of a recipe that cannot be read.

    Args:
        name: of the recipe.
        words: why it cannot be read.
        width: cells of a line.
    """
    return [line((name, STRONG)), line(), *wrapped(words, width, BAD, lead="✗ ")]


def _pair(label: str, text: str, width: int) -> list[Text]:
    return wrapped(text, width, lead=f"  {label:<12} ")


def _subset(subset: Subset) -> str:
    count = f"{subset.samples} of " if subset.samples else ""
    source = f" of {subset.source}" if subset.source else ""
    return f"{count}{subset.split}{source}"
