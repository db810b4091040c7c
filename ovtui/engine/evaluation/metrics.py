"""A recipe's metrics: built in, a function of a file, or of the hub."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ovtui.core.recipes.metrics import BUILT_IN, is_function
from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.core.recipes.references import compares_with_baseline
from ovtui.core.statistics.reductions import Outcome
from ovtui.core.text.errors import SourceError, nearest
from ovtui.engine.evaluation.built_in_metrics import built_in, to_baseline
from ovtui.engine.evaluation.custom_metric import custom_metric
from ovtui.engine.evaluation.metric import Metric
from ovtui.engine.hub.offline import hub_errors
from ovtui.engine.tasks.answers import PerRow


def metrics_of(asked: PlacedRecipe) -> list[Metric]:
    """Opens a recipe's metrics, the one that decides first.

    Raises:
        SourceError: there is none of a name, or it cannot be loaded.
    """
    metrics = []
    for name in asked.recipe.metric_names:
        metric = open_metric(name, asked.place)
        alone = metric.compares == "arrays" and compares_with_baseline(asked.recipe, name)
        metrics.append(to_baseline(metric) if alone else metric)
    return metrics


def open_metric(name: str, base: Path) -> Metric:
    """Returns the metric with this name: built in, a function of a file, or of the hub.

    A function `file.py:function` takes predictions and references, and the baseline's predictions
    if it asks for them, and returns one score per sample, higher being better. A hub metric is
    applied to one sample at a time, so that intervals and paired tests can be had.

    Raises:
        SourceError: there is none, or it cannot be loaded.
    """
    if name in BUILT_IN:
        return built_in(name)
    if is_function(name):
        return _from_function(name, base)
    return _from_hub(name)


def _from_function(name: str, base: Path) -> Metric:
    function, judge, asks = custom_metric(name, base)
    return Metric(
        function,
        "mean",
        higher_is_better=True,
        outcomes=lambda predictions, references: judge(predictions, references, ()),
        beside_baseline=judge if asks else None,
        custom=True,
    )


def _from_hub(name: str) -> Metric:
    from ovtui.engine.libraries.evaluate_library import evaluate

    try:
        with hub_errors(name, "metric"):
            metric = evaluate.load(name)
    except SourceError as error:
        raise SourceError(f"{error}; built in: {nearest(name, BUILT_IN)}") from error

    def outcomes(predictions: PerRow, references: PerRow) -> list[Outcome]:
        pairs = zip(predictions, references, strict=True)
        return [(_only(metric.compute(predictions=[p], references=[r])),) for p, r in pairs]

    def whole(predictions: PerRow, references: PerRow) -> float:
        return _only(metric.compute(predictions=list(predictions), references=list(references)))

    return Metric(name, "mean", higher_is_better=True, outcomes=outcomes, whole=whole)


def _only(scores: Mapping[str, float]) -> float:
    """The first number of what a hub metric computes."""
    return float(next(value for value in scores.values() if isinstance(value, int | float)))
