"""Boxes of detectors as arrays: float [N, 4] of left, top, right and bottom."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

SURE = 0.5
"""Score from which an object counts as candidates, as in `post_process_object_detection` of
transformers."""
_TOGETHER = 128
"""Boxes that are compared with each other at once: more only compare what is left out."""
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


def overlaps(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Returns the share of their union that each of some boxes and each of others have in common.

    Args:
        some: float [..., 4]; of one box, [4].
        others: float [N, 4].

    Returns:
        Float [..., N]; 0 where both have no area.
    """
    left, top, right, bottom = np.moveaxis(some, -1, 0)[..., None]
    width = np.minimum(right, others[:, 2]) - np.maximum(left, others[:, 0])
    height = np.minimum(bottom, others[:, 3]) - np.maximum(top, others[:, 1])
    shared = np.clip(width, 0, None) * np.clip(height, 0, None)
    both = _areas(some)[..., None] + _areas(others) - shared
    return np.divide(shared, both, out=np.zeros(both.shape), where=both > 0)


def likest(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Returns for each row the position of the other one that is most like it: int [N].

    Each is taken once, so that all differences together are least (Kuhn 1955). Boxes weigh as much
    as all that is said of them.

    Args:
        rows: float [N, 4 + values]: a box, and scores or logits.
        others: as many, in any order.
    """
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    parts = []
    for columns in (slice(None, 4), slice(4, None)):
        values = rows[:, columns]
        parts.append((values.std() or 1.0) * max(1, values.shape[1]) * np.ones(values.shape[1]))
    scale = np.concatenate(parts)
    return np.asarray(linear_sum_assignment(cdist(rows / scale, others / scale, "cityblock"))[1])


def suppressed(candidates: Boxes, iou: float) -> Boxes:
    """Returns the boxes without those that a surer one of their class covers (greedy NMS).

    Args:
        candidates: of one picture.
        iou: a box goes that shares more than this of its union with a surer one.

    Returns:
        The surest first, at most 300.
    """
    candidates = candidates.surest(len(candidates.scores))
    kept = np.zeros(0, dtype=int)
    for first in range(0, len(candidates.scores), _TOGETHER):
        block = np.arange(first, min(first + _TOGETHER, len(candidates.scores)))
        block = block[~_covered(candidates, kept, block, iou).any(axis=0)]
        kept = np.concatenate([kept, block[_uncovered(_covered(candidates, block, block, iou))]])
        if len(kept) >= MOST:
            break
    return candidates.taken(kept[:MOST])


def _covered(candidates: Boxes, one: np.ndarray, others: np.ndarray, iou: float) -> np.ndarray:
    """Bool [N, M]: which of N boxes cover which of M of their class."""
    boxes, classes = candidates.boxes, candidates.classes
    same = classes[one][:, None] == classes[others]
    return same & (overlaps(boxes[one], boxes[others]) > iou)


def _uncovered(covers: np.ndarray) -> np.ndarray:
    """Which boxes stay, bool [N], of those that cover each other, bool [N, N]; the surest first."""
    stays = np.ones(len(covers), dtype=bool)
    for number, covered in enumerate(covers):
        if stays[number]:
            stays[number + 1 :] &= ~covered[number + 1 :]
    return stays


def _areas(boxes: np.ndarray) -> np.ndarray:
    return np.clip(boxes[..., 2:] - boxes[..., :2], 0, None).prod(axis=-1)
