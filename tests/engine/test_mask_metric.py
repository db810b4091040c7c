"""Mean IoU: as ADE20K and the library `evaluate` define it, and its paired resamples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ovtui.core.results.compare import Resampled, compare_resampled
from ovtui.engine.evaluation.average_precision import resampled_pictures
from ovtui.engine.evaluation.built_in_metrics import built_in
from ovtui.engine.evaluation.mask_metric import mask_joint, right_pixels
from ovtui.engine.tasks.class_maps import NO_CLASS, ClassMap

CLASSES = 7


def maps(count: int, wrong: float = 0.2, seed: int = 0) -> tuple[list[ClassMap], list[ClassMap]]:
    """Predictions and right answers; class 6 is nowhere, 5 only predicted."""
    generator = np.random.default_rng(seed)
    said, right = [], []
    for number in range(count):
        there = generator.integers(0, 5, (3, 4)).repeat(5, 0).repeat(5, 1)
        got = np.where(generator.random(there.shape) < wrong, generator.integers(0, 6), there)
        there[: number % 4] = NO_CLASS
        said.append(ClassMap.of(got))
        right.append(ClassMap.of(there))
    return said, right


def by_definition(said: list[ClassMap], right: list[ClassMap]) -> dict[str, Any]:
    """The confusion matrix of all pictures, pixel by pixel, and what `mean_iou` makes of it."""
    confusion = np.zeros((CLASSES, CLASSES))
    for got, want in zip(said, right, strict=True):
        for one, two in zip(np.asarray(got).ravel(), np.asarray(want).ravel(), strict=True):
            if two != NO_CLASS:
                confusion[two, one] += 1
    shared, there, predicted = np.diag(confusion), confusion.sum(1), confusion.sum(0)
    with np.errstate(invalid="ignore"):
        each = shared / (there + predicted - shared)
        recall = shared / there
    return {
        "miou": np.nanmean(each),
        "each": each,
        "pixel accuracy": shared.sum() / there.sum(),
        "mean accuracy": np.nanmean(recall),
    }


def test_the_value_is_that_of_the_definition() -> None:
    said, right = maps(6)
    joint, wanted = mask_joint(said, right), by_definition(said, right)
    assert joint.value == pytest.approx(wanted["miou"], abs=1e-12)
    for name, value in joint.parts.items():
        assert value == pytest.approx(wanted[name], abs=1e-12)
    for label, value in joint.classes.items():
        assert value == pytest.approx(wanted["each"][label], abs=1e-12)
    right_, wrong = np.sum(right_pixels(said, right), axis=0)
    assert right_ / (right_ + wrong) == pytest.approx(wanted["pixel accuracy"])


def test_a_resample_is_the_metric_of_the_pictures_that_it_draws() -> None:
    said, right = maps(5)
    values = mask_joint(said, right).resample()
    drawn = resampled_pictures(5)
    for at in (0, 1, 999):
        pictures = np.repeat(np.arange(5), drawn[at])
        again = by_definition([said[it] for it in pictures], [right[it] for it in pictures])
        assert values[at] == pytest.approx(again["miou"], abs=1e-12)


def test_variants_are_compared_on_the_same_resamples() -> None:
    before, right = maps(30)
    after = [
        it if number else ClassMap.of(np.full((15, 20), 5)) for number, it in enumerate(before)
    ]
    sides = [
        Resampled(joint.value, joint.resample(), joint.outcomes)
        for joint in (mask_joint(before, right), mask_joint(after, right))
    ]
    how: dict[str, Any] = {"higher_is_better": True, "max_drop": 0.5}
    paired = compare_resampled("pixels", *sides, **how)
    assert paired.delta < 0 and paired.verdict == "pass"
    assert (paired.worse, paired.better) == (1, 0)
    same = compare_resampled("pixels", sides[0], sides[0], **how, same_outputs=True)
    assert same.delta_ci95 == (0, 0)


def test_the_metrics_have_their_names_and_what_says_nothing_is_said() -> None:
    said, right = maps(3)
    assert built_in("miou").value(said, right) == mask_joint(said, right).value
    assert built_in("agreement-miou").value(said, said) == 1
    assert built_in("pixel-accuracy").value(said, said) < 1.0 + 1e-12
    nothing = [ClassMap.of(np.full((2, 2), NO_CLASS))]
    joint = mask_joint(nothing, nothing)
    assert joint.value == 0 and joint.outcomes == [(0.0, 0.0)] and not any(joint.resample())
