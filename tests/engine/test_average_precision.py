"""Average precision is pycocotools' and faster-coco-eval's, also of pictures drawn again."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from ovtui.core.results.compare import Resampled, compare_resampled, interval_resampled
from ovtui.engine.evaluation.average_precision import (
    average_precisions,
    mean_of_classes,
    resampled_pictures,
)
from ovtui.engine.evaluation.box_matches import SIZES, matches_of
from ovtui.engine.evaluation.detection_metric import detection_joint
from ovtui.engine.tasks.answers import Objects

CLASSES = 4


def scenes(count: int, seed: int, crowds: float = 0.0) -> tuple[list[Objects], list[Objects]]:
    """Predictions and references: some objects are found, some moved, some are not there."""
    generator = np.random.default_rng(seed)
    predictions: list[Objects] = []
    references: list[Objects] = []
    for _ in range(count):
        there = _boxes(generator, int(generator.integers(0, 7)))
        labels = generator.integers(0, CLASSES, len(there))
        sizes = there[:, 2:] - there[:, :2]
        references.append(
            {
                "boxes": there.tolist(),
                "classes": labels.tolist(),
                "areas": (sizes.prod(axis=1) * 0.7).tolist(),
                "crowds": (generator.random(len(there)) < crowds).tolist(),
            }
        )
        found = generator.random(len(there)) < 0.8
        moved = there[found] + generator.normal(0, 3, (int(found.sum()), 4))
        moved[:, 2:] = np.maximum(moved[:, 2:], moved[:, :2] + 1)
        others = _boxes(generator, int(generator.integers(0, 20)))
        wrong = generator.integers(0, CLASSES, len(others))
        predictions.append(
            {
                "boxes": [*moved.tolist(), *others.tolist()],
                "classes": [*labels[found].tolist(), *wrong.tolist()],
                "scores": generator.random(len(moved) + len(others)).tolist(),
            }
        )
    return predictions, references


def _boxes(generator: np.random.Generator, count: int) -> np.ndarray:
    corner = generator.uniform(0, 300, (count, 2))
    return np.concatenate([corner, corner + generator.exponential(50, (count, 2)) + 4], axis=1)


def library_stats(
    classes: Any, evaluation: Any, predictions: Sequence[Objects], references: Sequence[Objects]
) -> list[float]:
    """The twelve numbers of a library's summary."""
    annotations: list[list[dict[str, Any]]] = []
    for side in (references, predictions):
        annotations.append([])
        for picture, objects in enumerate(side):
            for at, (x1, y1, x2, y2) in enumerate(objects["boxes"]):
                annotations[-1].append(
                    {
                        "id": len(annotations[-1]) + 1,
                        "image_id": picture,
                        "category_id": objects["classes"][at],
                        "bbox": [x1, y1, x2 - x1, y2 - y1],
                        "area": objects.get("areas", [(x2 - x1) * (y2 - y1)] * (at + 1))[at],
                        "iscrowd": int(objects.get("crowds", [False] * (at + 1))[at]),
                        "score": objects.get("scores", [1.0] * (at + 1))[at],
                    }
                )
    with contextlib.redirect_stdout(io.StringIO()):
        truth = classes()
        truth.dataset = {
            "images": [{"id": it, "width": 400, "height": 400} for it in range(len(references))],
            "categories": [{"id": it, "name": str(it)} for it in range(CLASSES)],
            "annotations": annotations[0],
        }
        truth.createIndex()
        judged = evaluation(truth, truth.loadRes(annotations[1]), "bbox")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    return [float(it) for it in judged.stats]


def _libraries() -> list[tuple[Any, Any]]:
    import faster_coco_eval
    import pycocotools.coco
    import pycocotools.cocoeval

    return [
        (pycocotools.coco.COCO, pycocotools.cocoeval.COCOeval),
        (faster_coco_eval.COCO, faster_coco_eval.COCOeval_faster),
    ]


@pytest.mark.parametrize(("seed", "crowds"), [(0, 0.0), (1, 0.2)])
def test_all_parts_are_those_of_both_libraries(seed: int, crowds: float) -> None:
    predictions, references = scenes(40, seed, crowds)
    joint = detection_joint(predictions, references)
    names = ("AP50", "AP75", "AP small", "AP medium", "AP large", "AR100")
    ours = [joint.value, *(joint.parts[name] for name in names)]
    for library in _libraries():
        stats = library_stats(*library, predictions, references)
        assert ours == pytest.approx([*stats[:6], stats[8]], abs=1e-6)
    assert 0.05 < joint.value < 0.9 and sum(map(sum, joint.outcomes)) > 100


def test_a_resample_is_the_metric_of_the_pictures_drawn() -> None:
    predictions, references = scenes(20, 2)
    drawn = resampled_pictures(20)
    values = detection_joint(predictions, references).resample()
    assert len(values) == len(drawn) == 2000 and set(drawn.sum(axis=1)) == {20}
    for number in (0, 7, 1999):
        again = [at for at, times in enumerate(drawn[number]) for _ in range(times)]
        sides = ([side[at] for at in again] for side in (predictions, references))
        assert values[number] == pytest.approx(detection_joint(*sides).value, abs=1e-12)


def test_the_same_pictures_are_drawn_for_every_variant() -> None:
    better, references = scenes(30, 3)
    worse = [
        {**it, "boxes": it["boxes"][1:], "classes": it["classes"][1:], "scores": it["scores"][1:]}
        for it in better
    ]
    first, again, other = (
        Resampled(joint.value, joint.resample(), joint.outcomes)
        for joint in (detection_joint(it, references) for it in (better, better, worse))  # type: ignore[arg-type]
    )
    assert first.values == again.values
    same = compare_resampled("recall", first, again, higher_is_better=True, max_drop=0.01)
    assert same.delta == 0 and same.verdict == "not enough samples" and same.p_value == 1
    drop = compare_resampled("recall", first, other, higher_is_better=True, max_drop=0.01)
    paired = drop.delta_ci95.high - drop.delta_ci95.low
    alone = interval_resampled(first)
    assert drop.delta < 0 and drop.worse and paired < alone.high - alone.low
    assert drop.delta_ci95.low < drop.delta < drop.delta_ci95.high
    equal = compare_resampled(
        "recall", first, first, higher_is_better=True, max_drop=0.01, same_outputs=True
    )
    assert equal.verdict == "pass"


def test_pictures_without_objects_tell_nothing() -> None:
    nothing: Objects = {"boxes": [], "classes": [], "scores": []}
    joint = detection_joint([nothing, nothing], [{"boxes": [], "classes": []}] * 2)
    assert joint.value == 0 and joint.outcomes == [(0.0, 0.0)] * 2
    assert joint.resample() == [0.0] * 2000
    found: Objects = {"boxes": [[0.0, 0.0, 9.0, 9.0]], "classes": [1], "scores": [0.9]}
    truth: list[Objects] = [{"boxes": [[0.0, 0.0, 9.0, 9.0]], "classes": [1]}, {**nothing}]
    truth[1] = {"boxes": [], "classes": []}
    assert detection_joint([found, found], truth).value == pytest.approx(1.0)  # surest first
    missed = detection_joint([nothing, nothing], truth)
    assert missed.value == 0 and missed.outcomes == [(0.0, 1.0), (0.0, 0.0)]


def test_a_class_that_is_not_drawn_does_not_count() -> None:
    predictions, references = scenes(6, 4)
    (first, *_) = matches_of(predictions, references)
    assert first.size == SIZES[0]
    without = (first.there == 0).astype(int)[None]
    assert np.isnan(average_precisions(first, without)).all()
    assert mean_of_classes([np.array([[np.nan]]), np.array([[0.5]])]).tolist() == [0.5]
