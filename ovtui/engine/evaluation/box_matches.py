"""Which predicted boxes are which objects, picture by picture, as pycocotools decides it."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypedDict

import numpy as np

from ovtui.engine.tasks.answers import Objects

SIZES = ("all", "small", "medium", "large")
"""COCO's ranges of an object's area: up to 32² and 96² square pixels, and beyond."""


class Matches(NamedTuple):
    """Predictions of one class beside the objects of one range of sizes, the surest first."""

    label: int
    size: str
    pictures: np.ndarray
    """Int [D]: the picture that each prediction is of, by its position."""
    right: np.ndarray
    """Bool [10, D]: it is an object, for each of ten thresholds of IoU from 0.5 to 0.95."""
    ignored: np.ndarray
    """Bool [10, D]: it counts neither as right nor as wrong, as within a crowd."""
    there: np.ndarray
    """Int [pictures]: objects to be found."""


class _PerPicture(TypedDict):
    """What pycocotools says of a picture, for a class and a range of sizes."""

    dtScores: list[float]
    """Of its predictions, the surest first."""
    dtMatches: np.ndarray
    """Float [10, predictions]: number of the object that each is, 0 of none."""
    dtIgnore: np.ndarray
    gtIgnore: np.ndarray
    """Int [objects]: 1 of those that are not to be found."""


def matches_of(predictions: Sequence[Objects], references: Sequence[Objects]) -> list[Matches]:
    """Returns matches of every class that is there, for each range of sizes.

    Args:
        predictions: one a picture.
        references: what is right, of the same pictures.

    Returns:
        Of the classes in their order, each with its sizes in the order of `SIZES`; the values of
        pycocotools' `COCOeval.evaluate` (Lin et al. 2014) with up to 100 predictions of a class in
        a picture.
    """
    classes = sorted({label for objects in references for label in objects["classes"]})
    if not classes:
        return []
    with contextlib.redirect_stdout(io.StringIO()):  # it prints its progress
        evaluated = _evaluated(predictions, references, classes)
    count = len(references)
    parts = [evaluated[at : at + count] for at in range(0, len(evaluated), count)]
    kinds = ((label, size) for label in classes for size in SIZES)
    return [_joined(label, size, part) for (label, size), part in zip(kinds, parts, strict=True)]


def _evaluated(
    predictions: Sequence[Objects], references: Sequence[Objects], classes: Sequence[int]
) -> list[_PerPicture | None]:
    """What pycocotools says of each class, range and picture; None where there is nothing."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    both = []
    for side in (references, predictions):
        data = COCO()
        data.dataset = {
            "images": [{"id": number} for number in range(len(side))],
            "categories": [{"id": label} for label in classes],
            "annotations": [
                {**entry, "id": number}  # an id of 0 would stand for no match
                for number, entry in enumerate(_annotations(side, frozenset(classes)), 1)
            ],
        }
        data.createIndex()
        both.append(data)
    evaluation = COCOeval(*both, "bbox")
    evaluation.evaluate()
    return list(evaluation.evalImgs)


def _annotations(side: Sequence[Objects], classes: frozenset[int]) -> Iterator[dict[str, object]]:
    """Objects as pycocotools takes them."""
    for picture, objects in enumerate(side):
        scores, areas, crowds = objects.get("scores"), objects.get("areas"), objects.get("crowds")
        for at, (box, label) in enumerate(zip(objects["boxes"], objects["classes"], strict=True)):
            if label not in classes:
                continue
            width, height = box[2] - box[0], box[3] - box[1]
            yield {
                "image_id": picture,
                "category_id": label,
                "bbox": [box[0], box[1], width, height],
                "area": areas[at] if areas else width * height,
                "iscrowd": int(crowds[at]) if crowds else 0,
                **({"score": scores[at]} if scores else {}),
            }


def _joined(label: int, size: str, pictures: Sequence[_PerPicture | None]) -> Matches:
    """All pictures' matches, the surest first; equal scores in the order of the pictures."""
    there = np.array([0 if it is None else int((it["gtIgnore"] == 0).sum()) for it in pictures])
    some = [(at, it) for at, it in enumerate(pictures) if it is not None and it["dtScores"]]
    if not some:
        none = np.zeros((10, 0), dtype=bool)
        return Matches(label, size, np.zeros(0, dtype=int), none, none, there)
    scores = np.concatenate([it["dtScores"] for _, it in some])
    order = np.argsort(-scores, kind="stable")
    matched = np.concatenate([it["dtMatches"] for _, it in some], axis=1)[:, order] > 0
    ignored = np.concatenate([it["dtIgnore"] for _, it in some], axis=1)[:, order].astype(bool)
    places = np.concatenate([np.full(len(it["dtScores"]), at) for at, it in some])[order]
    return Matches(label, size, places, matched & ~ignored, ignored, there)
