"""Metrics as `evaluate.Metric` objects: the built-in ones need no network."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ovtui.core.compare import reduce_outcomes
from ovtui.core.errors import SourceError, nearest
from ovtui.core.recipe import Recipe
from ovtui.core.reductions import Outcome
from ovtui.core.source import PythonFunction, data_source
from ovtui.engine.evaluation import text_metrics
from ovtui.engine.offline import hub_errors
from ovtui.engine.python_function import load_function, told


@dataclass(frozen=True, slots=True)
class Metric:
    """How predictions are judged: one outcome a sample, and how outcomes add up."""

    name: str
    reduction: str
    """How outcomes add up, as in `ovtui.core.compare.reduce_outcomes`."""
    higher_is_better: bool
    outcomes: Callable[[Sequence[Any], Sequence[Any]], list[Outcome]]
    """From predictions and references, one each per sample."""
    needs_references: bool = True
    whole: Callable[[Sequence[Any], Sequence[Any]], float] | None = None
    """The metric as the `evaluate` object computes it from all samples at once."""
    of_vectors: bool = False
    """It compares the vectors of predictions, not their answers."""
    normalised: bool = False
    """It compares texts as the task normalises them."""

    def value(self, predictions: Sequence[Any], references: Sequence[Any]) -> float:
        """The metric of all samples."""
        if self.whole is not None:
            return self.whole(predictions, references)
        return reduce_outcomes(self.reduction, self.outcomes(predictions, references))


def open_metric(name: str, base: Path) -> Metric:
    """The metric with this name: built in, a function of a file, or of the hub.

    A function `file.py:function` takes predictions and references and returns one score per sample,
    higher being better. A hub metric is applied to one sample at a time, so that intervals and
    paired tests can be had.

    Raises:
        SourceError: there is none, or it cannot be loaded.
    """
    if name in _BUILT_IN:
        return _BUILT_IN[name]()
    if name.rpartition(":")[0].endswith(".py"):
        return _from_function(name, base)
    return _from_hub(name)


def check_metric(recipe: Recipe, base: Path) -> None:
    """Refuse what cannot be used, before anything is computed.

    Raises:
        SourceError: the file does not exist; or it is a metric of the hub, a script that would be
            fetched and run, and the recipe does not allow that.
    """
    for key, name in (("metric", recipe.metric), *(("also", name) for name in recipe.also)):
        _check(key, name, recipe, base)


def _check(key: str, name: str | None, recipe: Recipe, base: Path) -> None:
    if name is None or name in _BUILT_IN:
        return
    if name.rpartition(":")[0].endswith(".py"):
        data_source(name, base)
    elif not recipe.trust:
        raise SourceError(
            f"{key}: {name!r} is not built in ({nearest(name, _BUILT_IN)}); a metric of the hub "
            "runs code from there: allow it with trust = true, or give file.py:function"
        )


def _accuracy() -> Metric:
    return Metric(
        name="accuracy",
        reduction="mean",
        higher_is_better=True,
        outcomes=_same,
        whole=_whole("accuracy", "mean", "int64", _same),
    )


def _f1() -> Metric:
    """F1 of the class with index 1, as GLUE has it."""
    return Metric(
        name="f1",
        reduction="f1",
        higher_is_better=True,
        outcomes=_counts,
        whole=_whole("f1", "f1", "int64", _counts),
    )


def _correlation(name: str) -> Metric:
    """`pearson` or `spearman`."""
    return Metric(
        name=name,
        reduction=name,
        higher_is_better=True,
        outcomes=_paired,
        whole=_whole(name, name, "float64", _paired),
    )


def _agreement() -> Metric:
    """Share of samples with the baseline's prediction."""
    return Metric(
        name="agreement",
        reduction="mean",
        higher_is_better=True,
        outcomes=_same,
        needs_references=False,
    )


def _cosine() -> Metric:
    """Mean cosine of a sample's outputs and the baseline's."""
    from ovtui.engine.vectors import cosine  # loads numpy, which only stages need

    return Metric(
        name="cosine",
        reduction="cosine",
        higher_is_better=True,
        outcomes=lambda predictions, references: [
            (cosine(got, want),) for got, want in zip(predictions, references, strict=True)
        ],
        needs_references=False,
        of_vectors=True,
    )


def _of_texts(
    name: str,
    reduction: str,
    one: Callable[[str, list[str]], Outcome],
    *,
    higher_is_better: bool = True,
    normalised: bool = False,
) -> Metric:
    """A metric that compares a text with one or several right ones."""
    outcomes = text_metrics.of_texts(name, one)
    return Metric(
        name=name,
        reduction=reduction,
        higher_is_better=higher_is_better,
        outcomes=outcomes,
        normalised=normalised,
        whole=_whole(name, reduction, "string", outcomes),
    )


def _word_error_rate() -> Metric:
    """With the task's normalisation, which for speech is Whisper's for the language."""
    return _of_texts(
        "wer", "rate", text_metrics.word_errors, higher_is_better=False, normalised=True
    )


def _basic_word_error_rate() -> Metric:
    """With the normalisation that is the same for every language."""
    return _of_texts("wer-basic", "rate", text_metrics.basic_word_errors, higher_is_better=False)


def _character_error_rate() -> Metric:
    return _of_texts(
        "cer", "rate", text_metrics.character_errors, higher_is_better=False, normalised=True
    )


_BUILT_IN: dict[str, Callable[[], Metric]] = {
    "accuracy": _accuracy,
    "agreement": _agreement,
    "cer": _character_error_rate,
    "chrf": functools.partial(_of_texts, "chrf", "chrf", text_metrics.chrf),
    "cosine": _cosine,
    "exact-match": functools.partial(
        _of_texts, "exact-match", "mean", text_metrics.exact_match, normalised=True
    ),
    "f1": _f1,
    "pearson": functools.partial(_correlation, "pearson"),
    "spearman": functools.partial(_correlation, "spearman"),
    "vqa-accuracy": functools.partial(_of_texts, "vqa-accuracy", "mean", text_metrics.right_answer),
    "wer": _word_error_rate,
    "wer-basic": _basic_word_error_rate,
}


def _same(predictions: Sequence[Any], references: Sequence[Any]) -> list[Outcome]:
    pairs = zip(predictions, references, strict=True)
    return [(float(got == want),) for got, want in pairs]


def _counts(predictions: Sequence[Any], references: Sequence[Any]) -> list[Outcome]:
    """True positives, false positives and false negatives of class 1, for each sample."""
    counts: list[Outcome] = []
    for got, want in zip(predictions, references, strict=True):
        for label in (got, want):
            if label not in (0, 1):
                raise SourceError(
                    f"metric f1: is of two classes, 0 and 1, found {label!r}; "
                    "use accuracy, or give file.py:function"
                )
        pair = (bool(got), bool(want))
        counts.append(
            (
                float(pair == (True, True)),
                float(pair == (True, False)),
                float(pair == (False, True)),
            )
        )
    return counts


def _paired(predictions: Sequence[Any], references: Sequence[Any]) -> list[Outcome]:
    pairs = zip(predictions, references, strict=True)
    return [(float(got), float(want)) for got, want in pairs]


def _whole(
    name: str,
    reduction: str,
    dtype: str,
    outcomes: Callable[[Sequence[Any], Sequence[Any]], list[Outcome]],
) -> Callable[[Sequence[Any], Sequence[Any]], float]:
    """A metric of all samples, as an `evaluate.Metric` computes it."""

    def whole(predictions: Sequence[Any], references: Sequence[Any]) -> float:
        metric = _evaluate_metric(name, reduction, dtype, outcomes)
        if dtype == "string":  # of texts, several may be right
            references = [[it] if isinstance(it, str) else it for it in references]
        return float(metric.compute(predictions=predictions, references=references)[name])

    return whole


@functools.cache
def _evaluate_metric(
    name: str,
    reduction: str,
    dtype: str,
    outcomes: Callable[[Sequence[Any], Sequence[Any]], list[Outcome]],
) -> Any:
    import datasets

    from ovtui.engine.evaluation.evaluate_library import evaluate

    class BuiltIn(evaluate.Metric):  # type: ignore[misc, name-defined, unused-ignore]
        def _info(self) -> Any:
            value = datasets.Value(dtype)
            wanted = datasets.List(value) if dtype == "string" else value
            features = datasets.Features({"predictions": value, "references": wanted})
            return evaluate.MetricInfo(description=name, citation="", features=features)

        def _compute(self, predictions: Any, references: Any) -> dict[str, float]:
            return {name: reduce_outcomes(reduction, outcomes(predictions, references))}

    return BuiltIn()


def _from_function(name: str, base: Path) -> Metric:
    source = data_source(name, base)
    assert isinstance(source, PythonFunction)
    function = load_function(source, name)

    def outcomes(predictions: Sequence[Any], references: Sequence[Any]) -> list[Outcome]:
        try:
            scores = [float(score) for score in function(predictions, references)]
        except Exception as error:
            raise SourceError(f"{name}: it raised {told(error)}") from error
        if len(scores) != len(predictions):
            raise SourceError(
                f"{name}: expected one score per sample ({len(predictions)}), found {len(scores)}"
            )
        if not all(map(math.isfinite, scores)):
            raise SourceError(f"{name}: expected finite scores, found {scores[:5]}")
        return [(score,) for score in scores]

    return Metric(source.function, "mean", higher_is_better=True, outcomes=outcomes)


def _from_hub(name: str) -> Metric:
    from ovtui.engine.evaluation.evaluate_library import evaluate

    try:
        with hub_errors(name, "metric"):
            metric = evaluate.load(name)
    except SourceError as error:
        raise SourceError(f"{error}; built in: {nearest(name, _BUILT_IN)}") from error

    def outcomes(predictions: Sequence[Any], references: Sequence[Any]) -> list[Outcome]:
        pairs = zip(predictions, references, strict=True)
        return [(_only(metric.compute(predictions=[p], references=[r])),) for p, r in pairs]

    def whole(predictions: Sequence[Any], references: Sequence[Any]) -> float:
        return _only(metric.compute(predictions=list(predictions), references=list(references)))

    return Metric(name, "mean", higher_is_better=True, outcomes=outcomes, whole=whole)


def _only(scores: dict[str, Any]) -> float:
    """The first number of what a hub metric computes."""
    return float(next(value for value in scores.values() if isinstance(value, int | float)))
