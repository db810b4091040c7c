"""Boxes of detectors as arrays: float [N, 4] of left, top, right and bottom."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

SURE = 0.5
"""Score from which an object counts as candidates, as in `post_process_object_detection` of
transformers."""
MOST = 300
"""Objects that are kept of a picture, the surest; COCO's measures count 100 of each class."""


class Boxes(NamedTuple):
    """What a detector finds in one picture."""

    boxes: np.ndarray
    """Float [N, 4]."""
    scores: np.ndarray
    """Float [N], 0 to 1."""
    classes: np.ndarray
    """Int [N], as the model counts."""

    def surest(self, most: int = MOST) -> Boxes:
        """Returns so many of them, the surest first; of equal scores, the first."""
        order = np.argsort(-self.scores, kind="stable")[:most]
        return self.taken(order)

    def taken(self, which: np.ndarray) -> Boxes:
        """Returns some of them, by their positions or by a mask."""
        return Boxes(self.boxes[which], self.scores[which], self.classes[which])


def corners(boxes: np.ndarray) -> np.ndarray:
    """Returns boxes of [centre x, centre y, width, height] as left, top, right and bottom."""
    centre, half = boxes[..., :2], boxes[..., 2:] / 2
    return np.concatenate([centre - half, centre + half], axis=-1)


def overlaps(one: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Returns the share of their union that a box and each of others have in common.

    Args:
        one: float [4].
        others: float [N, 4].

    Returns:
        Float [N]; 0 where both have no area.
    """
    sides = np.minimum(one[2:], others[:, 2:]) - np.maximum(one[:2], others[:, :2])
    shared = np.clip(sides, 0, None).prod(axis=1)
    both = _areas(one[None]) + _areas(others) - shared
    return np.divide(shared, both, out=np.zeros(len(others)), where=both > 0)


def suppressed(candidates: Boxes, iou: float) -> Boxes:
    """Returns the boxes without those that a surer one of their class covers (greedy NMS).

    Args:
        candidates: of one picture.
        iou: a box goes that shares more than this of its union with a surer one.

    Returns:
        The surest first, at most 300.
    """
    candidates = candidates.surest(len(candidates.scores))
    left = np.arange(len(candidates.scores))
    kept: list[int] = []
    while len(left) and len(kept) < MOST:
        first, rest = left[0], left[1:]
        kept.append(int(first))
        covered = overlaps(candidates.boxes[first], candidates.boxes[rest]) > iou
        left = rest[~(covered & (candidates.classes[rest] == candidates.classes[first]))]
    return candidates.taken(np.array(kept, dtype=int))


def _areas(boxes: np.ndarray) -> np.ndarray:
    return np.clip(boxes[:, 2:] - boxes[:, :2], 0, None).prod(axis=1)
