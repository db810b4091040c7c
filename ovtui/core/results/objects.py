"""Objects in a picture, and which of two lists of them are the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

SAME_IOU = 0.5
"""Boxes that share so much of their union are of one object (Everingham et al. 2010)."""


class DetectedObject(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An object in a picture."""

    label: str
    score: float | None = None
    """How sure the model is, 0 to 1; None of a right answer."""
    box: tuple[float, float, float, float]
    """Left, top, right and bottom in pixels of the picture as it came, upright."""

    @property
    def in_words(self) -> str:
        """Class, place and size, and how sure the model is, as in `7 at 12,40 18×22 (93%)`."""
        left, top, right, bottom = self.box
        sure = "" if self.score is None else f" ({self.score:.0%})"
        return f"{self.label} at {left:.0f},{top:.0f} {right - left:.0f}×{bottom - top:.0f}{sure}"


class ObjectChanges(NamedTuple):
    """The objects of a prediction beside those of another, each list in its order."""

    lost: list[DetectedObject]
    """Those that the other alone has."""
    gained: list[DetectedObject]
    """Those that the other has not."""
    same: list[DetectedObject]
    """Those of both, as the prediction has them."""


def iou(one: Sequence[float], other: Sequence[float]) -> float:
    """Returns the area that two boxes share over the area that both take together.

    Args:
        one: left, top, right and bottom.
        other: the same of another.
    """
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0.0, width) * max(0.0, height)
    both = _area(one) + _area(other) - shared
    return shared / both if both > 0 else 0.0


def matched(
    some: Sequence[DetectedObject], others: Sequence[DetectedObject]
) -> list[tuple[int, int]]:
    """Returns positions of the objects that are in both lists.

    Each object takes the one of its class that it shares most with, from 0.5 of their union, and
    that no object before it took.

    Args:
        some: objects, which choose in their order.
        others: what they choose of.
    """
    pairs: list[tuple[int, int]] = []
    free = set(range(len(others)))
    for position, it in enumerate(some):
        alike = [(iou(it.box, others[at].box), -at) for at in free if others[at].label == it.label]
        best, at = max(alike, default=(0.0, 0))
        if best >= SAME_IOU:
            free.discard(-at)
            pairs.append((position, -at))
    return pairs


def changes(objects: Sequence[DetectedObject], before: Sequence[DetectedObject]) -> ObjectChanges:
    """Returns what became of the objects that another prediction has.

    Args:
        objects: of the prediction.
        before: of what it is compared with.
    """
    pairs = matched(objects, before)
    here, there = {one for one, _ in pairs}, {other for _, other in pairs}
    return ObjectChanges(
        lost=[it for number, it in enumerate(before) if number not in there],
        gained=[it for number, it in enumerate(objects) if number not in here],
        same=[it for number, it in enumerate(objects) if number in here],
    )


def _area(box: Sequence[float]) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])
