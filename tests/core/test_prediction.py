"""Predictions of each kind: as JSON, as text, and as older versions wrote them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ovtui.core.results.class_regions import Region, SmallMap
from ovtui.core.results.objects import DetectedObject, changes, iou, matched
from ovtui.core.results.prediction import (
    ArraysPrediction,
    Candidate,
    ClassPrediction,
    DetectionPrediction,
    MaskPrediction,
    NumbersPrediction,
    OtherPrediction,
    OutputSummary,
    Prediction,
    Segment,
    TextPrediction,
    TranscriptPrediction,
    read_prediction,
)
from ovtui.core.results.result import Sample
from ovtui.core.results.sample_changes import is_right, right_answer

FROG = {"label": "frog", "score": 0.98}
HEARD = {"text": "one two", "segments": [{"start": 0.0, "end": 1.5, "text": "one two"}]}
SUMMARY = {"shape": [4], "values": [0.25, 1], "lowest": 0.25, "highest": 3.0}
THERE: dict[str, Any] = {"label": "ship", "box": [3.0, 4.0, 30.5, 44.0]}
FOUND: dict[str, Any] = {"label": "frog", "score": 0.98, "box": [10.0, 20.0, 30.5, 44.0]}
SKY: dict[str, Any] = {"label": "sky", "share": 0.75}
MAP: dict[str, Any] = {"width": 2, "height": 1, "packed": "eA=="}
NEAR = {**SUMMARY, "cosine": 0.5, "max_abs_difference": 2.0}

KINDS: list[tuple[dict[str, Any], Prediction, str]] = [
    (
        {**FROG, "top": [FROG]},
        ClassPrediction(label="frog", score=0.98, top=[Candidate(label="frog", score=0.98)]),
        "frog (98.0%)",
    ),
    (FROG, ClassPrediction(label="frog", score=0.98), "frog (98.0%)"),
    ({"label": "frog"}, ClassPrediction(label="frog"), "frog"),
    ({"text": "a dog"}, TextPrediction(text="a dog"), "a dog"),
    (
        HEARD,
        TranscriptPrediction(
            text="one two", segments=[Segment(start=0.0, end=1.5, text="one two")]
        ),
        "one two",
    ),
    ({"text": "", "segments": []}, TranscriptPrediction(text="", segments=[]), ""),
    ({"values": [0.5]}, NumbersPrediction(values=[0.5]), "0.5"),
    (
        {"values": [0.25, 1], "outputs": {"y": NEAR}},
        ArraysPrediction(values=[0.25, 1], outputs={"y": OutputSummary(**NEAR)}),
        "y [4]: 0.25, 1, … (cosine 0.5000, off by 2)",
    ),
    (
        {"label": "2", "values": [0.25, 1], "outputs": {"y": SUMMARY}},
        ArraysPrediction(label="2", values=[0.25, 1], outputs={"y": OutputSummary(**SUMMARY)}),
        "2",
    ),
    (
        {"kind": "objects", "objects": [FOUND, FOUND, THERE]},
        DetectionPrediction(
            objects=[msgspec.convert(it, DetectedObject) for it in (FOUND, FOUND, THERE)]
        ),
        "2× frog (98%, 98%), 1× ship",
    ),
    ({"kind": "objects", "objects": []}, DetectionPrediction(objects=[]), "nothing"),
    (
        {"kind": "mask", "regions": [SKY], "map": MAP, "changed": 0.5},
        MaskPrediction(
            regions=[Region(label="sky", share=0.75)],
            map=SmallMap(width=2, height=1, packed=b"x"),
            changed=0.5,
        ),
        "sky 75.0%",
    ),
]
"""As versions before tags wrote them; the structure that is read; what a person reads."""


@pytest.mark.parametrize(("plain", "prediction", "words"), KINDS)
def test_an_older_prediction_is_read_and_keeps_its_keys(
    plain: dict[str, Any], prediction: Prediction, words: str
) -> None:
    assert read_prediction(plain) == prediction
    assert prediction.in_words == words
    written = msgspec.json.decode(msgspec.json.encode(prediction))
    assert list(written)[0] == "kind" and written == {"kind": written["kind"], **plain}
    assert read_prediction(written) == prediction


@pytest.mark.parametrize(
    "value",
    [
        None,
        "fox",
        7,
        [FROG],
        {},
        {"answer": 1},
        {"label": ["frog"]},
        {"kind": "boxes", "boxes": []},
        {"kind": "class", "text": "a"},
        {"kind": ["class"], "label": "a"},
        {"values": [10**400]},
    ],
)
def test_what_fits_nothing_is_shown_as_it_is_written(value: Any) -> None:
    assert read_prediction(value) == OtherPrediction(value=value)
    assert read_prediction(value).answer == str(value)


def test_a_transcript_with_damaged_times_is_a_text() -> None:
    damaged = {"text": "one two", "segments": [{"start": "x", "end": None}, 7]}
    assert read_prediction(damaged) == TextPrediction(text="one two")


def test_a_sample_reads_the_predictions_of_any_version() -> None:
    line = b'{"id": "1", "input": {}, "reference": "frog", "predictions": {"fp32": %s}}'
    old = msgspec.json.decode(line % b'{"label": "frog"}', type=Sample)
    new = msgspec.json.decode(line % b'{"kind": "class", "label": "frog"}', type=Sample)
    assert old == new == msgspec.json.decode(msgspec.json.encode(new), type=Sample)
    assert old.answer("fp32") == "frog" and old.answer("int8") == ""


def test_two_answers_differ_by_what_a_person_reads() -> None:
    one, other = TextPrediction(text="a dog on grass"), TextPrediction(text="a cat on grass")
    assert other.differs(one) and not one.differs(TextPrediction(text="a dog on grass"))
    assert other.beside(one) == ["a", "[-dog-] [+cat+]", "on", "grass"]
    sure, unsure = (ClassPrediction(label="frog", score=score) for score in (0.9, 0.6))
    assert not sure.differs(unsure)


def test_a_number_that_json_has_no_words_for_is_shown() -> None:
    said = read_prediction({"values": [None], "outputs": {"y": {"shape": [1], "values": [None]}}})
    assert said.answer == "y [1]: nan"


def _objects(*boxes: tuple[str, float]) -> list[DetectedObject]:
    """Squares of 10 pixels, by their class and left side."""
    return [DetectedObject(label=label, box=(left, 0, left + 10, 10)) for label, left in boxes]


def test_objects_are_the_same_where_class_and_half_of_the_boxes_are() -> None:
    some = _objects(("frog", 0), ("frog", 3), ("ship", 50))
    assert iou(some[0].box, some[1].box) == 7 / 13
    others = _objects(("frog", 3), ("frog", 1), ("frog", 50))
    assert matched(some, others) == [(0, 1), (1, 0)]
    assert matched([], others) == [] and iou((0, 0, 0, 0), (0, 0, 0, 0)) == 0
    assert DetectionPrediction(objects=some).differs(DetectionPrediction(objects=others))
    same = DetectionPrediction(objects=_objects(("frog", 1), ("ship", 49), ("frog", 4)))
    assert not same.differs(DetectionPrediction(objects=some))
    assert DetectionPrediction(objects=[]).differs(same) and same.differs(TextPrediction(text=""))


def test_objects_lost_and_gained_are_named_with_their_place() -> None:
    before = DetectionPrediction(objects=_objects(("frog", 0), ("ship", 50)))
    after = DetectionPrediction(
        objects=[
            *_objects(("frog", 1)),
            DetectedObject(label="<b>[/]", score=0.634, box=(4.4, 5.0, 24.4, 9.0)),
        ]
    )
    assert after.beside(before) == [
        "1×", "frog,", "1×", "<b>[/]", "[-ship at 50,0 10×10-]", "[+<b>[/] at 4,5 20×4 (63%)+]",
    ]  # fmt: skip
    assert before.beside(before) == ["1×", "frog,", "1×", "ship"]
    assert TextPrediction(text="a").beside(TextPrediction(text="a")) == ["a"]
    changed = changes(after.objects, before.objects)
    assert [len(part) for part in changed] == [1, 1, 1]
    assert changed.same[0].box[0] == 1, "as the prediction has it"


def test_objects_that_are_right_are_found_where_they_are() -> None:
    there, lost = (
        DetectionPrediction(objects=_objects(*boxes)) for boxes in ([("frog", 0)], [("frog", 9)])
    )
    sample = Sample(id="1", input={}, reference=there, predictions={"fp32": there, "int8": lost})
    assert is_right(sample, "fp32") and not is_right(sample, "int8")
    assert right_answer(sample.reference) == "1× frog"
    assert msgspec.json.decode(msgspec.json.encode(sample), type=Sample) == sample
