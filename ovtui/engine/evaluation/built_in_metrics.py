"""The built-in metrics, as `evaluate.Metric` objects where these exist: they need no network."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ovtui.core.recipes.metrics import BUILT_IN, NO_CLASS
from ovtui.core.results.compare import reduce_outcomes
from ovtui.core.statistics.reductions import Outcome
from ovtui.core.text.errors import SourceError
from ovtui.engine.evaluation import text_metrics
from ovtui.engine.evaluation.metric import Metric
from ovtui.engine.evaluation.text_metrics import Outcomes
from ovtui.engine.tasks.answers import PerRow


def built_in(name: str) -> Metric:
    """Returns the built-in metric of this name."""
    facts, made = BUILT_IN[name], MAKERS[name](name)
    return replace(made, compares=facts.compares, needs_references=facts.needs_references)


def to_baseline(metric: Metric) -> Metric:
    """Returns an error of the outputs themselves: without right answers the baseline's are
    these.
    """
    return replace(metric, name=f"{metric.name} to the baseline", needs_references=False)


def _accuracy(name: str) -> Metric:
    return Metric(
        name,
        reduction="mean",
        higher_is_better=True,
        outcomes=_same,
        whole=_whole(name, "mean", "int64", _same),
    )


def _f1(name: str) -> Metric:
    """F1 of the class with index 1, as GLUE has it."""
    return Metric(
        name,
        reduction="f1",
        higher_is_better=True,
        outcomes=_counts,
        whole=_whole(name, "f1", "int64", _counts),
    )


def _correlation(name: str) -> Metric:
    """`pearson` or `spearman`, whose reductions are called so."""
    return Metric(
        name,
        reduction=name,
        higher_is_better=True,
        outcomes=_paired,
        whole=_whole(name, name, "float64", _paired),
    )


def _agreement(name: str) -> Metric:
    """Share of samples with the baseline's prediction."""
    return Metric(name, reduction="mean", higher_is_better=True, outcomes=_same, by_task=True)


def _average_precision(name: str) -> Metric:
    """COCO's mean average precision; without right answers, the objects that the baseline is sure
    of are these.
    """
    from ovtui.engine.evaluation.detection_metric import detection_joint

    def outcomes(predictions: PerRow, references: PerRow) -> list[Outcome]:
        return detection_joint(predictions, references).outcomes

    return Metric(
        name, reduction="recall", higher_is_better=True, outcomes=outcomes, joint=detection_joint
    )


def _mean_iou(name: str) -> Metric:
    """Mean over classes of the union's share that is right; without right answers, the baseline's
    masks are these.
    """
    from ovtui.engine.evaluation.mask_metric import mask_joint, right_pixels

    return Metric(
        name, reduction="pixels", higher_is_better=True, outcomes=right_pixels, joint=mask_joint
    )


def _pixel_accuracy(name: str) -> Metric:
    """Share of all samples' pixels that are right."""
    from ovtui.engine.evaluation.mask_metric import right_pixels

    return Metric(name, reduction="pixels", higher_is_better=True, outcomes=right_pixels)


def _cosine(name: str) -> Metric:
    """Mean over the samples of the cosine to the baseline's vector.

    Where a sample has several outputs, of that which is farthest off: see `nearness`.
    """
    return Metric(name, reduction="cosine", higher_is_better=True, outcomes=_near)


def _near(predictions: PerRow, references: PerRow) -> list[Outcome]:
    from ovtui.engine.comparison.nearness import (
        cosine,
        nearness,  # loads numpy, which only stages need
    )

    if isinstance(references[0], Mapping):
        return [(near,) for near in nearness(predictions, references)]
    return [(cosine(got, want),) for got, want in zip(predictions, references, strict=True)]


def _error(power: int) -> Callable[[str], Metric]:
    """Mean over a sample's values of their absolute errors to a power, then over the samples."""

    def made(name: str) -> Metric:
        def outcomes(predictions: PerRow, references: PerRow) -> list[Outcome]:
            pairs = zip(predictions, references, strict=True)
            return [(_mean_error(name, got, want, power),) for got, want in pairs]

        return Metric(name, reduction="error", higher_is_better=False, outcomes=outcomes)

    return made


def _mean_error(name: str, got: Any, want: Any, power: int) -> float:
    import numpy as np

    try:
        one, other = (np.asarray(it, dtype=np.float64) for it in (got, want))
    except (TypeError, ValueError):
        raise SourceError(f"metric {name}: compares numbers, found {want!r:.40}") from None
    if one.shape != other.shape and one.size == other.size == max(*one.shape, *other.shape, 1):
        one, other = one.ravel(), other.ravel()  # [1] and [], [n, 1] and [n]: one after another
    if one.shape != other.shape:
        raise SourceError(
            f"metric {name}: the output is {list(one.shape)}, its reference {list(other.shape)}"
        )
    return float(np.mean(np.abs(one - other) ** power)) if one.size else 0.0


def _of_texts(
    reduction: str,
    one: Callable[[str, list[str]], Outcome],
    *,
    higher_is_better: bool = True,
    normalised: bool = False,
) -> Callable[[str], Metric]:
    """A metric that compares a text with one or several right ones.

    Args:
        reduction: how outcomes add up.
        one: the outcome of a text beside all that would be right.
        higher_is_better: else it is an error.
        normalised: texts are first normalised by the task, for speech as Whisper's authors do it
            for the language.
    """

    def made(name: str) -> Metric:
        outcomes = text_metrics.of_texts(name, one)
        return Metric(
            name,
            reduction=reduction,
            higher_is_better=higher_is_better,
            outcomes=outcomes,
            normalised=normalised,
            whole=_whole(name, reduction, "string", outcomes),
        )

    return made


def _of_tokens(part: str, reduction: str, *, higher_is_better: bool) -> Callable[[str], Metric]:
    """A metric of what a model says of a text's tokens, each sample a text.

    Args:
        part: of a `Likelihood`.
        reduction: of its sum over the tokens, and their number.
        higher_is_better: else it is an error.
    """

    def outcomes(predictions: PerRow, references: PerRow) -> list[Outcome]:
        parts = [getattr(prediction, part) for prediction in predictions]
        return [(float(each.sum(dtype=float)), float(each.size)) for each in parts]

    return lambda name: Metric(
        name, reduction=reduction, higher_is_better=higher_is_better, outcomes=outcomes
    )


_error_rate = functools.partial(_of_texts, "rate", higher_is_better=False)

MAKERS: dict[str, Callable[[str], Metric]] = {
    "accuracy": _accuracy,
    "agreement": _agreement,
    "agreement-map": _average_precision,
    "agreement-miou": _mean_iou,
    "cer": _error_rate(text_metrics.character_errors, normalised=True),
    "chrf": _of_texts("chrf", text_metrics.chrf),
    "cosine": _cosine,
    "exact-match": _of_texts("mean", text_metrics.exact_match, normalised=True),
    "f1": _f1,
    "kl-divergence": _of_tokens("nats", "per-token", higher_is_better=False),
    "map": _average_precision,
    "mae": _error(1),
    "miou": _mean_iou,
    "mse": _error(2),
    "pearson": _correlation,
    "perplexity": _of_tokens("lost", "perplexity", higher_is_better=False),
    "pixel-accuracy": _pixel_accuracy,
    "same-top-token": _of_tokens("same", "token-share", higher_is_better=True),
    "spearman": _correlation,
    "vqa-accuracy": _of_texts("mean", text_metrics.right_answer),
    "wer": _error_rate(text_metrics.word_errors, normalised=True),
    "wer-basic": _error_rate(text_metrics.basic_word_errors),
}
"""What makes each metric of `core/recipes/metrics.py`, by its name, which it is given."""


def _same(predictions: PerRow, references: PerRow) -> list[Outcome]:
    pairs = zip(predictions, references, strict=True)
    return [(float(got == want),) for got, want in pairs]


def _counts(predictions: PerRow, references: PerRow) -> list[Outcome]:
    """True positives, false positives and false negatives of class 1, for each sample."""
    counts: list[Outcome] = []
    for got, want in zip(predictions, references, strict=True):
        if got == NO_CLASS and want in (0, 1):
            got = 1 - want  # wrong, whichever is right
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


def _paired(predictions: PerRow, references: PerRow) -> list[Outcome]:
    pairs = zip(predictions, references, strict=True)
    return [(float(got), float(want)) for got, want in pairs]


def _whole(
    name: str,
    reduction: str,
    dtype: str,
    outcomes: Outcomes,
) -> Callable[[PerRow, PerRow], float]:
    """A metric of all samples, as an `evaluate.Metric` computes it."""

    def whole(predictions: PerRow, references: PerRow) -> float:
        metric = _evaluate_metric(name, reduction, dtype, outcomes)
        if dtype == "string":  # of texts, several may be right
            references = [
                [reference] if isinstance(reference, str) else reference for reference in references
            ]
        return float(metric.compute(predictions=predictions, references=references)[name])

    return whole


@functools.cache
def _evaluate_metric(
    name: str,
    reduction: str,
    dtype: str,
    outcomes: Outcomes,
) -> Any:
    import datasets

    from ovtui.engine.libraries.evaluate_library import evaluate

    class BuiltIn(evaluate.Metric):  # type: ignore[misc, name-defined, unused-ignore]
        def _info(self) -> Any:
            value = datasets.Value(dtype)
            wanted = datasets.List(value) if dtype == "string" else value
            features = datasets.Features({"predictions": value, "references": wanted})
            return evaluate.MetricInfo(description=name, citation="", features=features)

        def _compute(self, predictions: Any, references: Any) -> dict[str, float]:
            return {name: reduce_outcomes(reduction, outcomes(predictions, references))}

    return BuiltIn()
