"""A metric that a person gives as `file.py:function`, checked where it answers something else."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ovtui.core.errors import SourceError
from ovtui.core.reductions import Outcome
from ovtui.core.source import PythonFunction, data_source
from ovtui.engine.python_function import load_function, told

Judge = Callable[[Sequence[Any], Sequence[Any], Sequence[Any]], list[Outcome]]
"""One outcome a sample, from a variant's predictions, references and the baseline's predictions."""


def custom_metric(name: str, base: Path) -> tuple[str, Judge, bool]:
    """The function's name, what it judges by, and whether it is given the baseline's answers.

    It takes predictions and references, and the baseline's predictions where it has a third
    parameter, or one called `baseline`; each a list with one entry a sample.

    Raises:
        SourceError: the file cannot be imported, or has no such function.
    """
    source = data_source(name, base)
    assert isinstance(source, PythonFunction)
    function = load_function(source, name)
    how = _baseline_parameter(function)

    def judge(
        predictions: Sequence[Any], references: Sequence[Any], baseline: Sequence[Any]
    ) -> list[Outcome]:
        third = [list(baseline)] if how == "third" else []
        named = {"baseline": list(baseline)} if how == "named" else {}
        try:
            given = function(list(predictions), list(references), *third, **named)
        except (Exception, SystemExit) as error:
            raise SourceError(f"{name}: it raised {told(error)}") from error
        return _scores(name, given, len(predictions))

    return source.function, judge, bool(how)


def _baseline_parameter(function: Any) -> str:
    """`named` or `third`: how a function takes the baseline's answers; empty where it does not."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return ""
    if any(it.name == "baseline" and it.kind != it.POSITIONAL_ONLY for it in parameters):
        return "named"
    wanted = [
        it
        for it in parameters
        if it.kind in (it.POSITIONAL_ONLY, it.POSITIONAL_OR_KEYWORD) and it.default is it.empty
    ]
    return "third" if len(wanted) == 3 else ""


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
        shape = getattr(score, "shape", ())
        try:
            number = float(score) if shape in ((), (1,)) and score is not None else None
        except (TypeError, ValueError):
            number = None
        if number is None:
            what = f"an array {list(shape)}" if shape else f"{type(score).__name__} {score!r:.40}"
            raise SourceError(f"{expected}, each a number; that of sample {position} is {what}")
        if not math.isfinite(number):
            raise SourceError(f"{expected}, each finite; that of sample {position} is {number}")
        numbers.append((number,))
    return list(numbers)
