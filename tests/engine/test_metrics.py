"""The built-in metrics against what the field computes them with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import f1_score

from ovtui.core.recipes.metrics import BUILT_IN
from ovtui.core.results.compare import reduce_outcomes
from ovtui.core.text.errors import SourceError
from ovtui.engine.evaluation.metrics import open_metric
from ovtui.engine.tasks.answers import Likelihood
from ovtui.engine.tasks.class_maps import ClassMap

CHANCE = np.random.default_rng(0)
ANSWERS: dict[str, list[Any]] = {
    "answers": [0, 1],
    "classes": [0, 1],
    "numbers": [0.5, 1.5, 2.5],
    "texts": ["two", "a dog"],
    "outputs": [[1.0, 0.0], [0.0, 1.0]],
    "arrays": [[1.0, 2.0], [3.0, 4.0]],
    "objects": [
        {"boxes": [[0.0, 0.0, 9.0, 9.0]], "classes": [1], "scores": [0.9]},
        {"boxes": [], "classes": [], "scores": []},
    ],
    "likelihoods": [
        Likelihood(*(np.full(3, value, np.float32) for value in (0, 0, 1, 0))) for _ in range(2)
    ],
    "masks": [ClassMap.of(np.eye(3)), ClassMap.of(np.zeros((2, 3)))],
}
"""What a metric may compare, of a few samples."""


@pytest.mark.parametrize("name", BUILT_IN)
def test_equal_answers_are_the_best_that_a_metric_knows(name: str) -> None:
    known, metric = BUILT_IN[name], open_metric(name, Path())
    answers = ANSWERS[known.compares]
    best = known.highest if metric.higher_is_better else known.lowest
    assert metric.name == name and metric.compares == known.compares
    assert metric.value(answers, answers) == pytest.approx(best)
    outcomes = metric.outcomes(answers, answers)
    assert reduce_outcomes(metric.reduction, outcomes) == pytest.approx(best)


def test_f1_is_that_of_class_1() -> None:
    predictions, references = CHANCE.integers(0, 2, (2, 100)).tolist()
    metric = open_metric("f1", Path())
    expected = f1_score(references, predictions)
    assert metric.value(predictions, references) == pytest.approx(expected)
    outcomes = metric.outcomes(predictions, references)
    assert reduce_outcomes(metric.reduction, outcomes) == pytest.approx(expected)
    assert metric.value([0, 0], [0, 0]) == 0


def test_f1_is_of_two_classes() -> None:
    with pytest.raises(SourceError, match="metric f1: is of two classes, 0 and 1, found 2"):
        open_metric("f1", Path()).outcomes([0, 1], [1, 2])


@pytest.mark.parametrize(
    ("name", "reference"), [("pearson", stats.pearsonr), ("spearman", stats.spearmanr)]
)
def test_correlations(name: str, reference: object) -> None:
    predictions = CHANCE.normal(size=60)
    references = np.round(predictions + CHANCE.normal(size=60))  # with ties
    expected = reference(predictions, references).statistic  # type: ignore[operator]
    metric = open_metric(name, Path())
    assert metric.value(predictions.tolist(), references.tolist()) == pytest.approx(expected)
    outcomes = metric.outcomes(predictions.tolist(), references.tolist())
    assert reduce_outcomes(metric.reduction, outcomes) == pytest.approx(expected)
