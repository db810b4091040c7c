"""Predictions of each kind: as JSON, as text, and as older versions wrote them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ovtui.core.results.prediction import (
    ArraysPrediction,
    Candidate,
    ClassPrediction,
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

FROG = {"label": "frog", "score": 0.98}
HEARD = {"text": "one two", "segments": [{"start": 0.0, "end": 1.5, "text": "one two"}]}
SUMMARY = {"shape": [4], "values": [0.25, 1], "lowest": 0.25, "highest": 3.0}
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
