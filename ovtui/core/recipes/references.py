"""Which metrics of a recipe compare with right answers, and which with the baseline's."""

from __future__ import annotations

from typing import Literal

from ovtui.core.recipes.metrics import BUILT_IN
from ovtui.core.recipes.recipe import Recipe

Use = Literal["calibration", "evaluation", "validation"]


def compares_with_baseline(recipe: Recipe, metric: str) -> bool:
    """Tells whether a metric needs no right answers: it compares with what the baseline says.

    `agreement` and `cosine` always do; the errors of a `tensors` recipe, and a person's own
    function there, where `data.columns` names no right answers.

    Args:
        recipe: of whose rows there may be right answers.
        metric: one of its metrics, as it names it.
    """
    if metric in BUILT_IN and not BUILT_IN[metric].needs_references:
        return True
    return recipe.task_info.arrays and not recipe.names_references


def needs_references(recipe: Recipe, use: Use) -> bool:
    """Tells whether rows are of no use without their right answers.

    Args:
        recipe: whose metrics judge the rows.
        use: all metrics judge an evaluation, the first one alone a validation.
    """
    if use == "calibration":
        return False
    metrics = recipe.metric_names if use == "evaluation" else recipe.metric_names[:1]
    return not all(compares_with_baseline(recipe, name) for name in metrics)
