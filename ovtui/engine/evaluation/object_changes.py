"""Objects that a detector's variant loses and gains beside the baseline, and how sure it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from ovtui.core.results.object_changes import ObjectChanges, ObjectCounts
from ovtui.core.results.objects import SAME_IOU
from ovtui.engine.tasks.answers import Objects, surely, taken
from ovtui.engine.tasks.boxes import SURE, overlaps

_SMALL, _MEDIUM = 32**2, 96**2
"""Square pixels up to which COCO calls an object small, and medium."""


def object_changes(
    baseline: Sequence[Objects],
    variant: Sequence[Objects],
    references: Sequence[Objects] | None,
    name: Callable[[int], str],
    sure: float = SURE,
) -> ObjectChanges:
    """Counts the objects that only one of two models finds.

    An object is found where a prediction of its class shares half of their union.

    Args:
        baseline: predictions, one a picture.
        variant: of the same pictures.
        references: what is there; None where that is unknown, and what the baseline finds stands
            for it.
        name: of a class.
        sure: score from which an object counts as found.
    """
    counts: dict[str, ObjectCounts] = defaultdict(ObjectCounts)
    shifts: list[float] = []
    for number, (before, after) in enumerate(zip(baseline, variant, strict=True)):
        ours, theirs = surely(before, sure), surely(after, sure)
        there = _without_crowds(ours if references is None else references[number])
        one, other = (_partners(there, it) >= 0 for it in (ours, theirs))
        for at, (box, label) in enumerate(zip(there["boxes"], there["classes"], strict=True)):
            for kind in ("", _size(box), f"class {name(label)}"):
                counts[kind].there += 1
                counts[kind].lost += int(one[at] and not other[at])
                counts[kind].gained += int(other[at] and not one[at])
        shifts += _shifts(ours, after)
    whole = counts.pop("", ObjectCounts())
    classes = {kind.removeprefix("class "): it for kind, it in counts.items() if " " in kind}
    return ObjectChanges(
        objects=whole,
        sizes={kind: it for kind, it in counts.items() if " " not in kind},
        classes=classes,
        paired=len(shifts),
        score_shift=float(np.mean(shifts)) if shifts else None,
    )


def _partners(objects: Objects, others: Objects) -> np.ndarray:
    """For each object the position of the other one that is the same: int [N], -1 without one.

    Those that come first choose first.
    """
    boxes, labels = np.array(others["boxes"]).reshape(-1, 4), np.array(others["classes"])
    partners = np.full(len(objects["boxes"]), -1)
    free = np.ones(len(boxes), dtype=bool)
    for at, (box, label) in enumerate(zip(objects["boxes"], objects["classes"], strict=True)):
        shared = overlaps(np.array(box), boxes) * (free & (labels == label))
        if len(shared) and shared.max() >= SAME_IOU:
            partners[at] = shared.argmax()
            free[partners[at]] = False
    return partners


def _shifts(before: Objects, after: Objects) -> Iterator[float]:
    """By how much the scores of the same objects changed, whatever the second one's are."""
    for at, partner in enumerate(_partners(before, after)):
        if partner >= 0:
            yield after["scores"][partner] - before["scores"][at]


def _without_crowds(objects: Objects) -> Objects:
    crowds = objects.get("crowds") or [False] * len(objects["boxes"])
    return taken(objects, [not crowd for crowd in crowds])


def _size(box: Sequence[float]) -> str:
    area = (box[2] - box[0]) * (box[3] - box[1])
    return "small" if area <= _SMALL else "medium" if area <= _MEDIUM else "large"
