"""The place of questions: what it asks for, and what it shows while answers come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from ovtui.core.asking.ask_models import ModelAnswers, Question, Times
from ovtui.core.asking.session import Answered, AskingSession, Expects, Reply, Waits, Writes
from ovtui.core.results.prediction import Candidate, ClassPrediction, TextPrediction
from ovtui.core.text.errors import UserError
from ovtui.tui.pages import asked as asked_page
from ovtui.tui.pages.asked import Asked
from tests.support.run_folders import write_done, write_run
from tests.support.sample_result import sample_result
from tests.tui.drive import LARGE, Hand, drive

HOSTILE = "[bold]x[/bold] \x1b]0;gone\x07 [/]"


@pytest.fixture
def replies(monkeypatch: pytest.MonkeyPatch) -> Iterable[tuple[list[Question], list[Reply]]]:
    """The questions that were asked, and what each is replied: the engine's part has its tests."""
    questions: list[Question] = []
    said: list[Reply] = []

    async def ask(session: AskingSession, question: Question) -> AsyncIterator[Reply]:
        questions.append(question)
        for reply in said:
            yield reply
        if not said:
            raise UserError("the process that has the models ended; see ask.log")

    monkeypatch.setattr(AskingSession, "ask", ask)
    return questions, said


def _answered(**predictions: str) -> Answered:
    times = Times(load_ms=0.1, first_ms=2.0, answer_ms=1.0)
    found = {
        name: ClassPrediction(label=label, score=0.75, top=[Candidate(label=label, score=0.75)])
        for name, label in predictions.items()
    }
    return Answered(answers=ModelAnswers(predictions=found, times=dict.fromkeys(found, times)))


def test_a_picture_is_picked_asked_and_answered(
    home: Path, tmp_path: Path, replies: tuple[list[Question], list[Reply]]
) -> None:
    questions, said = replies
    write_done(home)
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.new("RGB", (8, 8), "red").save(folder / "frog[red].png")
    said += [Writes(variant="fp32", text=""), _answered(fp32="frog", bf16="frog", int8=HOSTILE)]

    async def script(hand: Hand) -> None:
        await hand.press("7", "j", "enter")
        field = hand.app.screen.query_one("Input")
        field.value = f"{folder}/"  # type: ignore[attr-defined]
        await hand.settle()
        assert "frog[red].png" in hand.screen
        await hand.press("down", "enter")
        assert questions[0].image == str(folder / "frog[red].png")
        assert "A fp32" in hand.screen and "answered in 1.00 ms" in hand.words
        assert "it was loaded" in hand.words and "≠ baseline" in hand.screen
        assert "[bold]x[/bold]" in hand.screen and "\x1b" not in hand.screen
        assert "earlier" in hand.screen
        assert hand.app.session.done[-1].startswith(
            "ovtui predict 20260131-101500-digits-ab00 --image "
        )

    drive(script, LARGE)


def test_texts_are_shown_while_they_are_written(
    home: Path, replies: tuple[list[Question], list[Reply]]
) -> None:
    questions, said = replies
    id = "20260131-101500-words-ab01"
    write_run(home, id, name="words", found=sample_result(run=id, task="text2text-generation"))
    said += [Waits(words="a run measures"), Writes(variant="fp32", text="Es war")]

    async def script(hand: Hand) -> None:
        await hand.press("7", "j", "enter", "space", "enter")
        assert "text is empty: nothing is asked" in hand.words and not questions
        await hand.press("enter", *"hello", "enter")
        assert "/hello" not in hand.screen  # a value is no filter
        assert questions[0].texts == ["hello"]
        assert "Es war …" in hand.screen and "waits for its turn" in hand.screen
        said[:] = [
            Answered(
                answers=ModelAnswers(predictions={"fp32": TextPrediction(text="Es war einmal")})
            )
        ]
        await hand.press("r")
        assert "Es war einmal" in hand.screen
        said[:] = [Answered(answers=ModelAnswers(error="text: is empty"))]
        await hand.press("r")
        assert "✗ text: is empty" in hand.screen
        said.clear()
        await hand.press("r")
        assert "ended; see ask.log" in hand.words

    drive(script, LARGE)


def test_what_is_missing_is_named_and_without_runs_it_says_so(
    home: Path, replies: tuple[list[Question], list[Reply]]
) -> None:
    async def nothing(hand: Hand) -> None:
        await hand.press("7", "r")
        assert "No finished run yet." in hand.screen

    drive(nothing)
    write_done(home)

    async def missing(hand: Hand) -> None:
        await hand.press("7", "r")
        assert "image is missing" in hand.screen
        await hand.press("enter", "escape", "j", "enter", "escape")
        assert hand.app.place is hand.app.screen

    drive(missing)
    assert not replies[0]


def test_no_variant_waits_for_another_before_the_first_reply() -> None:
    def words(asked: Asked) -> str:
        return "\n".join(row.plain for row in asked_page.page(asked, "fp32", 100, "x stops it"))

    asked = Asked({"text": "hello"}, ["fp32", "int8"])
    assert "their process starts first" in words(asked)
    assert "waits for its turn" not in words(asked)
    begun = words(replace(asked, writes={"fp32": ""}))
    assert "loads, then answers" in begun and "waits for its turn" in begun
    assert "their process starts first" not in begun


def test_an_hour_of_sound_is_told_and_stopped(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = "20260131-101500-talks-ab02"
    write_run(home, id, name="talks", found=sample_result(run=id, task="text2text-generation"))
    closed: list[bool] = []

    async def ask(session: AskingSession, question: Question) -> AsyncIterator[Reply]:
        yield Expects(words="recording of 60 min: about 120 pieces of 30 s")
        yield Writes(variant="fp32", text="beginning " * 200 + "end", pieces=2)
        await asyncio.Event().wait()  # the rest takes long

    async def close(session: AskingSession) -> None:
        closed.append(True)

    monkeypatch.setattr(AskingSession, "ask", ask)
    monkeypatch.setattr(AskingSession, "close", close)

    async def script(hand: Hand) -> None:
        async def press(*keys: str) -> None:
            for key in keys:  # a worker goes on: nothing waits for it
                await hand.pilot.press(key)
            for _ in range(3):
                await hand.pilot.pause()

        await press("7", "j", "enter", *"hello", "enter")
        assert "about 120 pieces of 30 s; x stops it" in hand.words
        assert "2 pieces done" in hand.words and "beginning end …" in hand.words
        await press("question_mark", "escape", "j", "enter", "escape")
        assert not closed  # no dialog frees the models
        await press("x")
        assert "stopped; r asks again" in hand.words and closed
        await press("r", "4")
        assert len(closed) == 2
        await press("7")
        assert "stopped when this place was left" in hand.words

    drive(script, LARGE)


def test_a_whole_document_is_shown_in_short() -> None:
    page = asked_page.page(Asked({"text": "word " * 5000}, ["fp32"]), "fp32", 60, "")
    assert len(page) < 20 and any("lines more" in row.plain for row in page)


def test_a_run_is_chosen_by_part_of_its_name(
    home: Path, replies: tuple[list[Question], list[Reply]]
) -> None:
    for name in ("digits", "words", "talks"):
        id = f"20260131-101500-{name}-ab01"
        write_run(home, id, name=name, found=sample_result(run=id))

    async def script(hand: Hand) -> None:
        await hand.press("7", "enter", *"wor")
        assert "words  20260131" in hand.screen and "digits  2026" not in hand.screen
        await hand.press("enter")
        assert "run 20260131-101500-words-ab01" in hand.words
        await hand.press("enter", *"none such", "enter")
        assert "Nothing of this name." in hand.screen
        await hand.press("escape")
        assert hand.app.place is hand.app.screen

    drive(script, LARGE)
