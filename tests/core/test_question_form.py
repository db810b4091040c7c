"""The form of a question: what each task asks for, and the command that asks the same."""

from __future__ import annotations

import pytest

from ovtui.core.asking.question_form import fields, question, words
from ovtui.core.recipes.task import TASKS


@pytest.mark.parametrize(
    ("task", "wanted"),
    [
        ("image-classification", {"image": True}),
        ("zero-shot-image-classification", {"image": True, "labels": False, "prompt": False}),
        ("text-classification", {"text": True, "text_pair": False}),
        ("sentence-similarity", {"sentence1": True, "sentence2": True}),
        ("visual-question-answering", {"image": True, "question": False}),
        ("automatic-speech-recognition", {"audio": True, "language": False, "translate": False}),
        ("tensors", {"arrays": True}),
    ],
)
def test_fields(task: str, wanted: dict[str, bool]) -> None:
    assert dict(fields(TASKS[task])) == wanted


def test_values_become_a_question_and_a_command() -> None:
    values = {"image": "/a b.png", "labels": "cat, a wolf,", "prompt": "a {label}"}
    asked = question("/run", values)
    assert (asked.image, asked.labels, asked.prompt) == ("/a b.png", ["cat", "a wolf"], "a {label}")
    assert words(values) == [
        "--image", "/a b.png", "--labels", "cat, a wolf,", "--prompt", "a {label}"
    ]  # fmt: skip


def test_texts_keep_their_order() -> None:
    asked = question("/run", {"text_pair": "second", "text": "first"})
    assert asked.texts == ["first", "second"]


@pytest.mark.parametrize(("typed", "means"), [("yes", True), ("Y", True), ("no", False)])
def test_yes_and_no(typed: str, means: bool) -> None:
    values = {"audio": "/a.wav", "translate": typed}
    assert question("/run", values).translate is means and question("/run", values).timed
    assert words(values)[-1] == ("--translate" if means else "--no-translate")
