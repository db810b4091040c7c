"""Measures of a segmentation model: mean IoU, its parts, and what each picture tells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ovtui.core.statistics.reductions import Outcome
from ovtui.engine.evaluation.average_precision import resampled_pictures
from ovtui.engine.evaluation.metric import Joint
from ovtui.engine.tasks.class_maps import Areas, ClassMap, areas, ratio


def mask_joint(predictions: Sequence[ClassMap], references: Sequence[ClassMap]) -> Joint:
    """Returns the mean IoU over the classes of all pictures together, as ADE20K is judged.

    Pixels of all pictures are added up for each class, and a class counts that is in any right
    answer or prediction (Zhou et al. 2017; `mean_iou` of `evaluate`).

    Args:
        predictions: one a picture.
        references: what is right; pixels of `NO_CLASS` do not count.
    """
    every = _areas(predictions, references)
    union, count = every.union, len(references)

    def resample() -> list[float]:
        drawn = resampled_pictures(count)
        return [float(it) for it in _mean_of_rows(drawn @ every.shared, drawn @ union)]

    shared, there = every.shared.sum(axis=0), every.there.sum(axis=0)
    each = ratio(shared, union.sum(axis=0))
    return Joint(
        float(_mean_of_rows(shared[None], union.sum(axis=0)[None])[0]),
        _right_and_wrong(every),
        resample,
        {
            "pixel accuracy": float(shared.sum() / max(1, there.sum())),
            "mean accuracy": float(_mean_of_rows(shared[None], there[None])[0]),
        },
        dict(enumerate(each.tolist())),
    )


def right_pixels(predictions: Sequence[ClassMap], references: Sequence[ClassMap]) -> list[Outcome]:
    """Returns how many pixels of each picture are right, and how many are wrong.

    Args:
        predictions: one a picture.
        references: what is right; pixels of `NO_CLASS` do not count.
    """
    return _right_and_wrong(_areas(predictions, references))


def _areas(predictions: Sequence[ClassMap], references: Sequence[ClassMap]) -> Areas:
    """Areas of each picture, int64 [pictures, classes]; unpacked one picture at a time."""
    each = [areas(*pair) for pair in zip(predictions, references, strict=True)]
    classes = max(len(it.there) for it in each)
    return Areas(
        *(
            np.stack([np.pad(area, (0, classes - len(area))) for area in part])
            for part in zip(*each, strict=True)
        )
    )


def _right_and_wrong(every: Areas) -> list[Outcome]:
    right, all_ = every.shared.sum(axis=1), every.there.sum(axis=1)
    return [(float(one), float(two - one)) for one, two in zip(right, all_, strict=True)]


def _mean_of_rows(shared: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """The mean over the classes that are there: float [rows] of int [rows, classes]; 0 of none."""
    counts = (whole > 0).sum(axis=1)
    sums = np.nansum(ratio(shared, whole), axis=1)
    return np.asarray(sums / np.maximum(counts, 1))
