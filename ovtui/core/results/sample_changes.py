"""Kept samples sorted by what compression did to them: changed, worse, better, wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from ovtui.core.results.prediction import DetectionPrediction, Prediction
from ovtui.core.results.result import Result, Sample


class Kind(StrEnum):
    """Which samples to look at."""

    ALL = "all"
    CHANGED = "changed"
    WORSE = "worse"
    BETTER = "better"
    WRONG = "wrong"


def kinds(sample: Sample, baseline: str) -> frozenset[Kind]:
    """Returns what a sample is: worse or better is judged against the reference, where there is
    one.
    """
    changes = {Kind.ALL}
    if sample.changed:
        changes.add(Kind.CHANGED)
    if sample.reference is not None and _is_gradable(sample):
        right = {name: is_right(sample, name) for name in sample.predictions}
        was_right = right.pop(baseline, None)
        if not all(right.values()) or was_right is False:
            changes.add(Kind.WRONG)
        if was_right is True and not all(right.values()):
            changes.add(Kind.WORSE)
        if was_right is False and any(right.values()):
            changes.add(Kind.BETTER)
    return frozenset(changes)


def is_right(sample: Sample, variant: str) -> bool | None:
    """Returns whether a variant's answer is the reference; None where there is none to compare
    with.
    """
    if not _is_gradable(sample):
        return None
    if sample.reference is None or variant not in sample.predictions:
        return None
    if isinstance(sample.reference, DetectionPrediction):
        return not sample.predictions[variant].differs(sample.reference)
    said = _words(sample.answer(variant))
    return any(said == _words(one) for one in _several(sample.reference))


def _is_gradable(sample: Sample) -> bool:
    """Whether answers are right or wrong: a score, or arrays, are near or far."""
    if isinstance(sample.reference, float):
        return False
    return all(prediction.is_gradable for prediction in sample.predictions.values())


def right_answer(reference: Any) -> str:
    """Returns what would have been right, as one text: of several answers all."""
    return " / ".join(_several(reference))


def _several(reference: Any) -> list[str]:
    if isinstance(reference, Prediction):
        return [reference.answer]
    return [str(one) for one in (reference if isinstance(reference, list) else [reference])]


def _words(text: str) -> list[str]:
    """A text without what no person would call wrong: case and punctuation."""
    return re.findall(r"\w+", text.casefold()) or [text]


def baseline_name(result: Result) -> str:
    """Returns the variant that the others are compared with."""
    return next((variant.name for variant in result.variants if variant.baseline), "")


def chosen(samples: Iterable[Sample], kind: Kind, baseline: str) -> Sequence[Sample]:
    """Returns the samples of a kind, changed ones first; worse or better than that variant.

    Args:
        samples: of a result.
        kind: what is looked for.
        baseline: the name of the variant that the others are compared with.
    """
    matching = [sample for sample in samples if kind in kinds(sample, baseline)]
    return sorted(matching, key=lambda sample: not sample.changed)
