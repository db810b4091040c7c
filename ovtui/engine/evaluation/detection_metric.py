"""COCO's measures of a detector: mean average precision, its parts, and what each picture tells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ovtui.core.statistics.reductions import Outcome
from ovtui.engine.evaluation.average_precision import (
    average_precisions,
    mean_of_classes,
    recalls,
    resampled_pictures,
)
from ovtui.engine.evaluation.box_matches import SIZES, Matches, matches_of
from ovtui.engine.evaluation.metric import Joint
from ovtui.engine.tasks.answers import Objects


def detection_joint(predictions: Sequence[Objects], references: Sequence[Objects]) -> Joint:
    """Returns mAP@[.5:.95] with AP50, AP75, that of small, medium and large objects, and AR100.

    Args:
        predictions: one a picture.
        references: the objects that are there.
    """
    matches = matches_of(predictions, references)
    every = [it for it in matches if it.size == SIZES[0]]
    once = np.ones((1, len(references)), dtype=int)

    def resample() -> list[float]:
        drawn = resampled_pictures(len(references))
        return [float(it) for it in _mean([average_precisions(it, drawn) for it in every], drawn)]

    precisions = [average_precisions(it, once) for it in every]
    parts = {
        "AP50": _mean([it[:, 0] for it in precisions], once)[0],
        "AP75": _mean([it[:, 5] for it in precisions], once)[0],
    }
    for size in SIZES[1:]:
        some = [average_precisions(it, once) for it in matches if it.size == size]
        if any(np.isfinite(it).any() for it in some):
            parts[f"AP {size}"] = _mean(some, once)[0]
    parts["AR100"] = _mean([recalls(it)[None] for it in every], once)[0]
    return Joint(
        float(_mean(precisions, once)[0]),
        _found_and_missed(every, len(references)),
        resample,
        {name: float(value) for name, value in parts.items()},
        {it.label: float(one.mean()) for it, one in zip(every, precisions, strict=True)},
    )


def _mean(values: Sequence[np.ndarray], drawn: np.ndarray) -> np.ndarray:
    """Over the classes that are there; 0 where none is."""
    return mean_of_classes(values) if values else np.zeros(len(drawn))


def _found_and_missed(every: Sequence[Matches], count: int) -> list[Outcome]:
    """Of each picture, the objects that a prediction shares half of its union with, and others."""
    hits, there = np.zeros(count), np.zeros(count)
    for it in every:
        hits += np.bincount(it.pictures[it.right[0]], minlength=count)
        there += it.there
    return [(float(one), float(all_ - one)) for one, all_ in zip(hits, there, strict=True)]
