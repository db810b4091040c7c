"""Objects lost and gained are counted by size and class, and told with the worst first."""

from __future__ import annotations

import pytest

from ovtui.core.reports import object_wording
from ovtui.core.results.variant import Accuracy
from ovtui.engine.evaluation.object_changes import object_changes
from ovtui.engine.tasks.answers import Objects

NAMES = ["cat", "dog"]


def objects(*parts: tuple[int, float, float], side: float = 20) -> Objects:
    """Squares by their class, left side and score."""
    return {
        "boxes": [[left, 0, left + side, side] for _, left, _ in parts],
        "classes": [label for label, _, _ in parts],
        "scores": [score for _, _, score in parts],
    }


BASELINE = [objects((0, 0, 0.9), (1, 50, 0.8), (1, 90, 0.2)), objects((0, 0, 0.7), side=50)]
VARIANT = [objects((0, 1, 0.6), (1, 90, 0.6), (1, 50, 0.3)), objects((1, 0, 0.9), side=50)]
THERE: list[Objects] = [
    {
        "boxes": [[0, 0, 20, 20], [50, 0, 70, 20], [90, 0, 110, 20], [0, 0, 200, 200]],
        "classes": [0, 1, 1, 0],
        "crowds": [False, False, False, True],
    },
    {"boxes": [[0, 0, 50, 50]], "classes": [0]},
]


def test_what_is_lost_and_gained_is_counted_by_size_and_class() -> None:
    changes = object_changes(BASELINE, VARIANT, THERE, NAMES.__getitem__)
    whole = changes.objects
    assert (whole.there, whole.lost, whole.gained) == (4, 2, 1)
    small, medium = changes.sizes["small"], changes.sizes["medium"]
    assert (small.there, small.lost, small.gained) == (3, 1, 1)
    assert (medium.there, medium.lost, medium.gained) == (1, 1, 0)
    assert {name: it.lost for name, it in changes.classes.items()} == {"cat": 1, "dog": 1}
    assert changes.paired == 2 and changes.score_shift == pytest.approx((-0.3 - 0.5) / 2)
    assert object_wording.objects(changes) == (
        "2 lost, 1 gained of 4 (small: 1 lost, 1 gained of 3, medium: 1 lost, 0 gained of 1); "
        "scores of 2 same ones -0.4000 on average"
    )


def test_without_right_answers_the_baselines_objects_are_there() -> None:
    changes = object_changes(BASELINE, VARIANT, None, NAMES.__getitem__)
    assert (changes.objects.there, changes.objects.lost, changes.objects.gained) == (3, 2, 0)
    nothing = object_changes([objects()], [objects()], None, NAMES.__getitem__)
    assert nothing.objects.there == 0 and nothing.score_shift is None


def test_the_class_that_loses_most_is_named_first() -> None:
    before, after = (
        Accuracy(
            metric="map",
            higher_is_better=True,
            value=0.5,
            ci95=(0.4, 0.6),
            count=9,
            parts={"AP50": value},
            classes=classes,
        )
        for value, classes in (
            (0.6, {"cat": 0.9, "dog": 0.8, "cow": 0.1}),
            (0.55, {"cat": 0.85, "dog": 0.5, "cow": 0.2}),
        )
    )
    assert [it[0] for it in object_wording.worst_classes(before, after)] == ["dog", "cat", "cow"]
    assert object_wording.class_changes(before, after) == (
        "dog 0.8000 → 0.5000, cat 0.9000 → 0.8500"
    )
    assert object_wording.part_changes(before, after) == "AP50 0.5500 (-0.0500)"
