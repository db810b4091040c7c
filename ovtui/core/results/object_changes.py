"""What a detector's variant finds, and does not find, beside the baseline."""

from __future__ import annotations

import msgspec


class ObjectCounts(msgspec.Struct, kw_only=True):
    """How many objects there are, and which only one of two models finds."""

    there: int = 0
    lost: int = 0
    """The baseline finds them, the variant does not."""
    gained: int = 0


class ObjectChanges(msgspec.Struct, frozen=True, kw_only=True):
    """Objects that are found with a score from 0.5; without right answers, those of the baseline
    are there.
    """

    objects: ObjectCounts
    sizes: dict[str, ObjectCounts] = {}
    """By `small`, `medium` and `large`, as COCO has them."""
    classes: dict[str, ObjectCounts] = {}
    """By the class's name."""
    paired: int = 0
    """Objects of the baseline that the variant finds too, whatever its score is."""
    score_shift: float | None = None
    """Mean of these objects' scores, the variant's minus the baseline's."""
