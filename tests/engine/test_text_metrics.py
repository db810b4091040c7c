"""Metrics of texts against what the field computes them with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ovtui.core.results.compare import compare_outcomes, interval, reduce_outcomes
from ovtui.core.text.errors import SourceError
from ovtui.engine.comparison.normalisation import basic, english
from ovtui.engine.evaluation.metric import Metric
from ovtui.engine.evaluation.metrics import open_metric
from ovtui.engine.evaluation.vqa_accuracy import made_alike, vqa_accuracy

SAID = ["the cat sat on the mat", "hello world", "", "an apple a day"]
HEARD = ["the cat sat on mat", "hello there big world", "noise", "an apple a day"]


def value(name: str, predictions: list[Any], references: list[Any]) -> float:
    """A metric's value, which its outcomes add up to."""
    metric = open_metric(name, Path())
    outcomes = metric.outcomes(predictions, references)
    found = metric.value(predictions, references)
    assert reduce_outcomes(metric.reduction, outcomes) == pytest.approx(found)
    low, high = interval(metric.reduction, outcomes)
    assert low <= found <= high
    return found


def test_word_and_character_error_rates_are_of_all_words_together() -> None:
    # jiwer.wer of the three texts that are said: (1 + 2 + 0) / 12; and one word out of nothing
    assert value("wer", HEARD, SAID) == pytest.approx(4 / 12)
    assert value("cer", ["abd"], ["abc"]) == pytest.approx(1 / 3)
    assert value("wer", ["one two"], [["three", "one to"]]) == pytest.approx(1 / 2)
    assert open_metric("wer", Path()).outcomes([""], [""]) == [(0, 0)]


def test_the_basic_error_rate_is_without_case_and_punctuation() -> None:
    assert value("wer", ["Hello, World!"], ["hello world"]) == 1
    assert value("wer-basic", ["Hello, World!"], ["hello world"]) == 0


def test_whispers_normalisations() -> None:
    text = "Mr. Smith won't pay twenty-five dollars for the colour, uh, [laughs]."
    assert english({"colour": "color"})(text) == "mister smith will not pay $25 for the color"
    assert basic()(text) == "mr smith won t pay twenty five dollars for the colour uh"


def test_fewer_errors_are_better() -> None:
    metric = open_metric("wer", Path())
    assert not metric.higher_is_better
    right, wrong = ["a b c d"] * 40, ["a b x d"] * 40

    def verdict(baseline: list[str], variant: list[str], max_drop: float) -> Any:
        sides = (metric.outcomes(side, right) for side in (baseline, variant))
        return compare_outcomes(metric.reduction, *sides, higher_is_better=False, max_drop=max_drop)

    worse = verdict(right, wrong, 0.1)
    assert (worse.delta, worse.worse, worse.better, worse.verdict) == (0.25, 40, 0, "fail")
    better = verdict(wrong, right, 0.0)
    assert (better.delta, better.worse, better.better, better.verdict) == (-0.25, 0, 40, "pass")
    assert verdict(right, wrong, 0.5).verdict == "pass"


@pytest.mark.parametrize(
    ("texts", "references", "expected"),
    [  # by sacrebleu 2.6.0: corpus_chrf(texts, references).score / 100
        (["a three and an eight"], [["a three and a five"]], 0.645560),
        (
            ["a dog runs in the park", "two cats", ""],
            [["the dog runs through a park", "a dog in a park"], ["two kittens"], ["nothing"]],
            0.272709,
        ),
        (["the same"], [["other", "the same"]], 1.0),
        (["zz"], [["aa"]], 0.0),
    ],
)
def test_chrf(texts: list[str], references: list[list[str]], expected: float) -> None:
    assert value("chrf", texts, references) == pytest.approx(expected, abs=1e-6)


def test_exact_match() -> None:
    assert value("exact-match", ["a", "b"], [["c", "a"], "a"]) == 0.5


def test_an_answer_that_three_of_the_others_gave_is_right() -> None:
    people = ["yes"] * 3 + ["no"] * 7
    assert vqa_accuracy("no", people) == 1
    # three times of ten it is one of two others', seven times of three: (3 · 2/3 + 7 · 1) / 10
    assert vqa_accuracy("yes", people) == pytest.approx(0.9)
    assert vqa_accuracy("maybe", people) == 0
    assert vqa_accuracy("yes", ["no"] * 9 + ["yes"]) == pytest.approx(0.3)
    assert vqa_accuracy("Two", ["2", "3"]) == 1, "of two people one is enough"


@pytest.mark.parametrize(
    ("said", "alike"),
    [
        ("The Dog!", "dog"),
        ("two", "2"),
        ("none", "0"),
        ("isnt", "isn't"),
        ("couldnt've", "couldn't've"),
        ("red-and/white", "red and white"),
        ("1,000", "1000"),
        ("St. John", "st john"),
        ("3.5", "3.5"),
        (" a  t-shirt ,blue", "t shirt blue"),
    ],
)
def test_answers_are_made_alike(said: str, alike: str) -> None:
    assert made_alike(said) == alike


def test_vqa_accuracy_of_a_set() -> None:
    assert value("vqa-accuracy", ["yes", "2"], [["yes", "no", "yes"], "two"]) == pytest.approx(
        (4 / 9 + 1) / 2
    )


@pytest.mark.parametrize("name", ["wer", "chrf", "exact-match", "vqa-accuracy"])
def test_what_is_no_text_is_refused(name: str) -> None:
    metric: Metric = open_metric(name, Path())
    with pytest.raises(SourceError, match=f"metric {name}: compares texts, found 3"):
        metric.outcomes([3], ["a"])
