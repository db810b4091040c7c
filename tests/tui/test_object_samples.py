"""A detector's answers in Samples and Ask: objects lost and gained first, each with its place."""

from __future__ import annotations

import pytest

from ovtui.core.results.objects import DetectedObject
from ovtui.core.results.prediction import DetectionPrediction, TextPrediction
from ovtui.tui.pages.prediction import drawn
from tests.support.sample_result import HOSTILE


def _objects(label: str, count: int, left: float = 0.0) -> list[DetectedObject]:
    return [
        DetectedObject(label=label, score=0.9, box=(left + 40 * at, 0, left + 40 * at + 20, 30))
        for at in range(count)
    ]


def _lines(after: list[DetectedObject], before: list[DetectedObject], width: int = 80) -> list[str]:
    prediction = DetectionPrediction(objects=after)
    return [row.plain for row in drawn(prediction, DetectionPrediction(objects=before), width)]


def test_lost_and_gained_stand_first() -> None:
    before = [*_objects("frog", 2), *_objects("ship", 1, 500)]
    after = [*_objects("frog", 2), *_objects("plane", 1, 500)]
    assert _lines(after, before) == [
        "  2× frog, 1× plane",
        "  lost   ship at 500,0 20×30 (90%)",
        "  gained plane at 500,0 20×30 (90%)",
        "         frog at 0,0 20×30 (90%)",
        "         frog at 40,0 20×30 (90%)",
    ]


def test_the_baseline_has_its_objects_alone() -> None:
    rows = drawn(DetectionPrediction(objects=_objects("frog", 1)), None, 80)
    assert [row.plain for row in rows] == ["  1× frog", "         frog at 0,0 20×30 (90%)"]
    nothing = drawn(DetectionPrediction(objects=[]), TextPrediction(text="odd"), 80)
    assert [row.plain for row in nothing] == ["  nothing"]


def test_many_objects_are_counted() -> None:
    lines = _lines(_objects("frog", 300), [])
    assert len(lines) == 14 and lines[-1] == "  gained and 288 more"


@pytest.mark.parametrize("width", [28, 58, 118])
@pytest.mark.parametrize("label", HOSTILE)
def test_labels_from_outside_are_text_and_fit(width: int, label: str) -> None:
    far = [DetectedObject(label=label, score=1e300, box=(-1e9, 1e12, 1e300, -5))]
    for row in drawn(DetectionPrediction(objects=far), DetectionPrediction(objects=[]), width):
        assert row.cell_len <= width and "\x1b" not in row.plain
