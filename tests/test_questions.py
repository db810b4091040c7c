"""What a person asks as rows and options of a recipe, and answers in words; no model runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ovtui.core.asking.ask_models import ModelAnswers, Question, Times
from ovtui.core.recipes.recipe import load
from ovtui.core.reports.answers import side_by_side
from ovtui.core.results.prediction import Candidate, ClassPrediction
from ovtui.core.text.errors import UserError
from ovtui.engine.ask.question import asked, in_options, row_of

DEMO = Path(__file__).parents[1] / "recipes" / "demo"


@pytest.mark.parametrize(
    ("name", "given", "row"),
    [
        ("bert-paraphrase", {"texts": ["a"]}, {"text": "a"}),
        ("bert-paraphrase", {"texts": ["a", "b"]}, {"text": "a", "text_pair": "b"}),
        ("../minilm-stsb", {"texts": ["a", "b"]}, {"sentence1": "a", "sentence2": "b"}),
        ("clip-digits", {"image": "/a"}, {"image": "/a"}),
        ("blip-vqa-digits", {"image": "/a", "question": "b"}, {"image": "/a", "question": "b"}),
        ("blip-captioning-digits", {"image": "/a"}, {"image": "/a"}),
        ("whisper-digits", {"audio": "/a"}, {"audio": "/a"}),
    ],
)
def test_rows_of_questions(name: str, given: dict[str, Any], row: dict[str, Any]) -> None:
    assert row_of(load(DEMO / f"{name}.toml"), Question(run="", **given)) == row


@pytest.mark.parametrize(
    ("name", "given", "wanted"),
    [
        ("bert-paraphrase", {"texts": ["a"] * 3}, "--text, a second --text if there is one"),
        ("../minilm-stsb", {"texts": ["a"]}, "--text and a second --text"),
        ("blip-vqa-digits", {"question": "a"}, "--image and --question"),
        ("blip-vqa-digits", {"image": "a", "question": "b", "texts": ["c"]}, "--image and"),
        ("whisper-digits", {"audio": "a", "image": "b"}, "--audio"),
        ("whisper-digits", {"audio": "a", "texts": ["said"]}, "--audio"),
    ],
)
def test_questions_that_do_not_fit(name: str, given: dict[str, Any], wanted: str) -> None:
    with pytest.raises(UserError, match=f"expected {wanted}"):
        row_of(load(DEMO / f"{name}.toml"), Question(run="", **given))


def test_without_words_a_question_about_a_picture_is_one_for_a_caption() -> None:
    recipe = load(DEMO / "blip-vqa-digits.toml")
    for words in (None, "", "  "):
        found = asked(recipe, Question(run="", image="/a", question=words))
        assert found.recipe.task == "image-to-text" and found.row == {"image": "/a"}
    found = asked(recipe, Question(run="", image="/a", question=" why? "))
    assert found.recipe == recipe and found.row == {"image": "/a", "question": "why?"}
    with pytest.raises(UserError, match="--image and --question, or --image for a caption"):
        asked(recipe, Question(run="", audio="/a"))


def test_labels_of_a_persons_own() -> None:
    recipe = load(DEMO / "clip-digits.toml")
    found = asked(recipe, Question(run="", image="/a", labels=["cat", "a wolf"])).recipe.data
    assert found.labels == ["cat", "a wolf"] and found.prompt == recipe.data.prompt
    found = asked(recipe, Question(run="", image="/a", prompt="no {label}")).recipe.data
    assert found.labels == recipe.data.labels and found.prompt == "no {label}"


@pytest.mark.parametrize(
    ("language", "translate", "spoken", "into_english"),
    [
        ("de", None, "de", False),
        ("auto", None, None, False),
        (None, True, "en", True),
        (None, False, "en", False),
        (None, None, "en", False),
    ],
)
def test_languages_of_a_recording(
    language: str | None, translate: bool | None, spoken: str | None, into_english: bool
) -> None:
    recipe = load(DEMO / "whisper-digits.toml", ["generation.language=en"])
    question = Question(run="", audio="/a", language=language, translate=translate)
    found = asked(recipe, question).recipe.generation
    assert (found.language, found.translate) == (spoken, into_english)


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("clip-digits", {"image": "a", "labels": ["cat"]}, "'cat': expected two or more"),
        ("clip-digits", {"image": "a", "labels": ["cat", " "]}, "one of them is empty"),
        ("clip-digits", {"image": "a", "labels": ["cat", "cat"]}, "'cat' is there twice"),
        ("clip-digits", {"image": "a", "prompt": "a"}, "expected {label} where the label goes"),
        ("clip-digits", {"image": "a", "language": "de"}, "--language: is for automatic-speech"),
        ("clip-digits", {"image": "a", "translate": True}, "--translate: is for automatic-speech"),
        ("whisper-digits", {"audio": "a", "labels": ["a", "b"]}, "--labels: is for zero-shot"),
        ("whisper-digits", {"audio": "a", "prompt": "{label}"}, "--prompt: is for zero-shot"),
        ("whisper-digits", {"audio": "a", "language": " "}, "--language: is empty"),
    ],
)
def test_options_that_do_not_fit(name: str, given: dict[str, Any], told: str) -> None:
    with pytest.raises(UserError, match=re.escape(told)):
        asked(load(DEMO / f"{name}.toml"), Question(run="", **given))


def test_what_is_wrong_is_told_of_the_option() -> None:
    told = "data.labels: 'a' has 90 tokens", "generation.language: the model knows no 'xx'"
    question = Question(run="", labels=["a"], language="xx")
    assert [in_options(it, question) for it in told] == [
        "--labels: 'a' has 90 tokens",
        "--language: the model knows no 'xx'",
    ]
    assert [in_options(it, Question(run="")) for it in told] == list(told), "as the recipe has it"


def test_answers_are_told_with_all_probabilities_and_their_time() -> None:
    top = [Candidate(label="cat", score=0.9), Candidate(label="\x1b[31m", score=0.1)]
    said = ClassPrediction(label="cat", score=0.9, top=top)
    found = ModelAnswers(
        predictions={"fp32": said, "int8": said},
        times={
            "fp32": Times(load_ms=2345.6, first_ms=45.6, answer_ms=12.34),
            "int8": Times(load_ms=1.5, first_ms=4321.0, answer_ms=4321.0),
        },
    )
    assert side_by_side(found, probabilities=True).splitlines() == [
        "fp32  cat        90.00%",
        "      \\x1b[31m   10.00%",
        "      answered in 12.3 ms (45.6 ms the first time); loaded and compiled in 2.35 s",
        "int8  cat        90.00%",
        "      \\x1b[31m   10.00%",
        "      answered in 4.32 s; loaded and compiled in 1.50 ms",
    ]
    assert side_by_side(found, probabilities=False).splitlines()[0] == "fp32  cat (90.0%)"
