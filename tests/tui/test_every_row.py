"""Rows that a run did not keep: all of them are listed, and what was given is read when asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from PIL import Image

from ovtui.core.results import evaluated_rows
from ovtui.core.results.result import Sample
from ovtui.core.runs.run_folder import Run
from ovtui.core.text.errors import UserError
from ovtui.tui import outside
from tests.support.run_folders import started, write_run
from tests.support.sample_result import sample_result
from tests.tui.drive import LARGE, Hand, drive

KEPT = sample_result().samples


@pytest.fixture
def run(home: Path) -> Run:
    """A run of pictures that kept some of its rows, and thirty others without."""
    made = write_run(home, "20260131-101600-digits-cd01", told=started(), found=sample_result())
    others = [replace(KEPT[0], id=str(1000 + number), input={}) for number in range(30)]
    evaluated_rows.write(made.folder, [*KEPT, *others])
    (made.folder / "samples").mkdir()
    Image.new("RGB", (8, 8), "red").save(made.folder / "samples" / "new.png")
    return made


def answering(monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], words: str = "") -> list[str]:
    """Has rows read by no process; the ids of those that were asked for."""
    asked: list[str] = []

    async def with_input(folder: Path, id: str) -> tuple[Sample, str]:
        asked.append(id)
        if "error" in given:
            raise UserError(given["error"])
        return replace(KEPT[0], id=id, input=given), words

    monkeypatch.setattr(outside, "with_input", with_input)
    return asked


def test_all_rows_are_listed_and_those_that_were_kept_again(run: Run) -> None:
    async def script(hand: Hand) -> None:
        await hand.press("6")
        assert f"{len(KEPT)} of {len(KEPT)} samples: all" in hand.screen
        await hand.press("a", "G")
        count = len(KEPT) + 30
        assert f"{count} of {count} evaluated rows: all" in hand.screen
        assert "1029" in hand.screen and "i reads what was given" in hand.words
        await hand.press("a")
        assert "1029" not in hand.screen and "i reads" not in hand.words

    drive(script, LARGE)


def test_a_picture_is_read_from_the_data_and_shown(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answering(monkeypatch, {"image": "samples/new.png"})

    async def script(hand: Hand) -> None:
        await hand.press("6", "a", "G", "i")
        assert asked == ["1029"]
        assert "▀" in hand.screen and "samples/new.png" in hand.screen
        await hand.press("i", "i")
        assert asked == ["1029"] and "▀" in hand.screen, "read once"

    drive(script, LARGE)


def test_where_a_recording_lies_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, {"audio": "samples/new.flac", "seconds": 1.5})

    async def script(hand: Hand) -> None:
        await hand.press("6", "a", "G", "i")
        assert "1.5 s samples/new.flac" in hand.words
        assert "the recording is" in hand.words and "new.flac" in hand.words

    drive(script, LARGE)


@pytest.mark.parametrize("given", [{}, {"error": "the data are gone"}])
def test_why_there_is_nothing_to_see_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any]
) -> None:
    answering(monkeypatch, given, words="the data are gone")

    async def script(hand: Hand) -> None:
        await hand.press("6", "a", "G", "i")
        assert "the data are gone" in hand.words and "▀" not in hand.screen

    drive(script, LARGE)


def test_a_run_that_keeps_no_predictions_says_so(run: Run) -> None:
    (run.folder / evaluated_rows.FILE).unlink()

    async def script(hand: Hand) -> None:
        await hand.press("6", "a")
        assert "keeps no predictions of all samples" in hand.words
        assert f"{len(KEPT)} of {len(KEPT)} samples: all" in hand.screen

    drive(script, LARGE)


def test_files_outside_the_run_are_not_opened(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, {"image": "../../../../etc/passwd"})

    async def script(hand: Hand) -> None:
        await hand.press("6", "a", "G", "i")
        assert "the picture is not in the run's folder" in hand.words

    drive(script, LARGE)
