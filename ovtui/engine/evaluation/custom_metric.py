"""A metric that a person gives as `file.py:function`, checked where it answers something else."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ovtui.core.recipes.source import PythonFunction, data_source
from ovtui.core.statistics.reductions import Outcome
from ovtui.core.text.errors import SourceError, error_in_words
from ovtui.engine.hub.python_function import load_function
from ovtui.engine.tasks.answers import PerRow

Judge = Callable[[PerRow, PerRow, PerRow], list[Outcome]]
"""One outcome a sample, from a variant's predictions, references and the baseline's predictions."""


PREDICTIONS, REFERENCES, BASELINE = "predictions", "references", "baseline"
_MEANING = {
    **dict.fromkeys((PREDICTIONS, "prediction", "preds", "pred", "y_pred"), PREDICTIONS),
    **dict.fromkeys((REFERENCES, "reference", "targets", "target", "y_true"), REFERENCES),
    BASELINE: BASELINE,
}
"""What a parameter of this name is given, wherever it stands."""
_BY_ORDER = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
_ONE = ((), (1,))
"""Shapes of one number."""


def custom_metric(name: str, base: Path) -> tuple[str, Judge, bool]:
    """Returns the function's name, what it judges by, and whether it is given the baseline's
    answers.

    It takes predictions and references, in this order or by their names, and the baseline's
    predictions where it has a third parameter, or one called `baseline`; each a list with one
    entry a sample.

    Raises:
        SourceError: the file cannot be imported, or has no such function.
    """
    source = data_source(name, base)
    assert isinstance(source, PythonFunction)
    function = load_function(source, name)
    order, names = _wanted(function)

    def judge(predictions: PerRow, references: PerRow, baseline: PerRow) -> list[Outcome]:
        lists = {PREDICTIONS: list(predictions), REFERENCES: list(references)}
        lists[BASELINE] = list(baseline)
        named = {name: lists[what] for name, what in names.items()}
        try:
            given = function(*(lists[what] for what in order), **named)
        except (Exception, SystemExit) as error:
            raise SourceError(f"{name}: it raised {error_in_words(error)}") from error
        return _scores(name, given, len(predictions))

    return source.function, judge, BASELINE in (*order, *names.values())


def _wanted(function: Any) -> tuple[list[str], dict[str, str]]:
    """What a function is given in order, and what by the names of its parameters.

    Whoever writes `metric(y_true, y_pred)`, as scikit-learn does, means these names.
    """
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return [PREDICTIONS, REFERENCES], {}
    names = [parameter.name for parameter in parameters if parameter.kind in _BY_NAME]
    required = [
        parameter.name
        for parameter in parameters
        if parameter.kind in _BY_ORDER and parameter.default is parameter.empty
    ]
    meant = {name: _MEANING[name] for name in names if name in _MEANING}
    third = len(required) == 3 and BASELINE not in meant.values()
    if {PREDICTIONS, REFERENCES} <= set(meant.values()):
        others = [name for name in required if name not in meant]
        return [], meant | ({others[0]: BASELINE} if third and others else {})
    order = [PREDICTIONS, REFERENCES, *([BASELINE] if third else [])]
    return order, {name: what for name, what in meant.items() if what == BASELINE}


def _scores(name: str, given: Any, count: int) -> list[Outcome]:
    """What a function returns, as one number for each sample."""
    expected = f"{name}: expected one score per sample ({count})"
    try:
        scores = list(given)
    except TypeError:
        raise SourceError(f"{expected}, found {type(given).__name__} {given!r:.40}") from None
    if len(scores) != count or isinstance(given, str | bytes | dict):
        raise SourceError(f"{expected}, found {len(scores)} in a {type(given).__name__}")
    numbers = []
    for position, score in enumerate(scores):
        shape = tuple(getattr(score, "shape", ()))
        try:
            number = float(score.item() if shape == (1,) else score) if shape in _ONE else None
        except (TypeError, ValueError):
            number = None
        if number is None:
            what = f"an array {list(shape)}" if shape else f"{type(score).__name__} {score!r:.40}"
            raise SourceError(f"{expected}, each a number; that of sample {position} is {what}")
        if not math.isfinite(number):
            raise SourceError(f"{expected}, each finite; that of sample {position} is {number}")
        numbers.append((number,))
    return list(numbers)
