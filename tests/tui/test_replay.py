"""The time line of a run that is over, with its cursor."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovtui.core.runs import events
from tests.support.run_folders import alive, started, write_run
from tests.tui.drive import LARGE, SMALL, Hand, drive

RUN = "20260131-101500-digits-ab00"


def _told() -> list[events.Event]:
    return [
        events.Started(time=1000, stages=["convert", "measure"]),
        events.StageStarted(time=1000, stage="convert"),
        events.MemoryUsed(time=1001, now=2**20, peak=2**20, cores=1.5),
        events.StageFinished(time=1040, stage="convert", seconds=40),
        events.StageStarted(time=1040, stage="measure"),
        events.MemoryUsed(time=1040, now=2**21, peak=2**21, cores=2.0),
        events.Progressed(time=1041, stage="measure", step="fp32", done=1, total=4, rate=7.0),
        events.Warned(time=1041.5, message="the machine is [b]busy[/b]"),
        events.Failed(time=1100, kind="error", message="no room", stage="measure"),
    ]


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_the_cursor_shows_the_numbers_of_its_moment(home: Path, size: tuple[int, int]) -> None:
    write_run(home, RUN, told=_told())

    async def script(hand: Hand) -> None:
        await hand.press("T")
        assert "0 s of 1 min 40 s" in hand.words and "stage convert 0 s of 40.0 s" in hand.words
        await hand.press("right_square_bracket")
        assert "40.0 s of 1 min 40 s" in hand.words and "stage measure" in hand.words
        assert "memory 2.00 MiB 2.0 cores busy" in hand.words
        await hand.press("right")
        assert "step fp32 1 of 4 7/s" in hand.words
        assert "! 41.5 s the machine is [b]busy[/b]" in hand.words
        await hand.press("end")
        assert "error: no room" in hand.words
        await hand.press("left_square_bracket", "left_square_bracket")
        assert "stage convert 0 s of 40.0 s" in hand.words
        await hand.press("escape")
        assert hand.app.screen is hand.app.place

    drive(script, size)


def test_a_living_run_has_none_yet(home: Path) -> None:
    run = write_run(home, RUN, told=started())

    async def script(hand: Hand) -> None:
        await hand.press("T")
        assert hand.app.screen is hand.app.place

    with alive(run):
        drive(script)


def test_a_run_that_never_worked_says_so(home: Path) -> None:
    write_run(home, RUN, told=[events.Failed(time=1, kind="error", message="no such file")])

    async def script(hand: Hand) -> None:
        await hand.press("T")
        assert "before its engine began to work" in hand.screen

    drive(script)
