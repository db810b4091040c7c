"""The time line of a run that is over, with its cursor."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovtui.core.home.settings import Settings
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
        assert "step fp32 1 of 4 7/s, at most 7/s" in hand.words
        assert "! 41.5 s the machine is [b]busy[/b]" in hand.words
        await hand.press("end")
        assert "error: no room" in hand.words
        await hand.press("left_square_bracket", "left_square_bracket")
        assert "stage convert 0 s of 40.0 s" in hand.words
        await hand.press("escape")
        assert hand.app.screen is hand.app.place

    drive(script, size)


def test_each_step_has_a_scale_of_its_own(home: Path) -> None:
    """Bytes of a download are a million times as many as samples; both curves are seen."""
    steps = [("download", "weights", "bytes", 4e6), ("convert", "", "samples", 4.0)]
    told: list[events.Event] = [events.Started(time=1000, stages=["download", "convert"])]
    for number, (stage, step, unit, rate) in enumerate(steps):
        begin = 1000 + 50 * number
        told.append(events.StageStarted(time=begin, stage=stage))
        for time, share in ((10, 1.0), (30, 0.5)):
            told.append(
                events.Progressed(
                    time=begin + time, stage=stage, step=step, done=time, unit=unit,
                    rate=rate * share,
                )
            )  # fmt: skip
        told.append(events.StageFinished(time=begin + 50, stage=stage, seconds=50))
    write_run(home, RUN, told=[*told, events.Finished(time=1100)])

    async def script(hand: Hand) -> None:
        await hand.press("T")
        (drawn,) = (text for text in hand.lines if "rate of each step" in text)
        dots = [mark for mark in drawn.split("step")[1] if mark > "\u2800"]
        assert len(dots) == 4 and dots[:2] == dots[2:] and dots[0] > dots[1]
        await hand.press(*["right"] * 80)
        assert "2/s, at most 4/s" in hand.words

    drive(script, LARGE)


def test_its_keys_are_those_that_are_set(home: Path) -> None:
    write_run(home, RUN, told=_told())
    settings = Settings(keys={"replay.leave": "x", "replay.right": "n"})

    async def script(hand: Hand) -> None:
        await hand.press("T")
        assert "← n move, [ ] by stage, home end to its ends, x closes" in hand.words
        await hand.press("x")
        assert hand.app.screen is hand.app.place

    drive(script, settings=settings)


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
