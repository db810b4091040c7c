"""Pipelines in the dashboard: components, errors that should fall, transcripts with times."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tests.support.pipeline_result import pipeline_result
from tests.support.run_folders import started, write_run
from tests.tui.drive import LARGE, SMALL, Hand, drive

RUN = "20260131-101500-speech-ab12"


def _write(home: Path) -> None:
    write_run(home, RUN, name="speech", told=started(), found=pipeline_result())


def test_a_run_tells_its_components_and_the_direction_of_its_metric(home: Path) -> None:
    _write(home)

    async def script(hand: Hand) -> None:
        assert "wer +0.0100" in hand.screen
        await hand.press("enter")
        for row in ("int8 encoder  quantize  19.1    2.00×", "int8 total    –         49.6"):
            assert row in hand.screen
        assert "lower=better" in hand.screen

    drive(script, SMALL)


def test_components_are_compared_side_by_side(home: Path) -> None:
    _write(home)

    async def script(hand: Hand) -> None:
        await hand.press("5", "tab", "z")
        assert "1.87× smaller, quantize" in hand.words
        assert "Change of wer, paired 95 % CI, ┊ 0 and max_drop +0.0200" in hand.words
        assert "+0.0100 ✓ pass" in hand.words
        await hand.press("G")
        assert "1.60× faster, 12.5 calls, first 5.00" in hand.words
        assert "█ encoder ▓ decoder ▒ around them" in hand.words
        await hand.press("tab")
        assert "up and left is better" in hand.screen
        assert "single requests, ms on a logarithmic axis" in hand.screen and "█" in hand.screen
        assert hand.screen.count("on the Pareto front") == 2

    drive(script, LARGE)


def test_transcripts_have_times_and_marked_differences(home: Path) -> None:
    _write(home)

    async def script(hand: Hand) -> None:
        await hand.press("6", "enter")
        assert "3.25 s  samples/7.flac" in hand.screen
        assert "0.0–1.5    the quick brown" in hand.screen
        assert "[-fox-] [+box+] jumps [+over+]" in hand.words
        await hand.press("escape", "j", "enter")
        assert "what is it?" in hand.screen and "a fox / fox" in hand.screen

    drive(script, SMALL)


def test_times_that_do_not_fit_are_left_out(home: Path) -> None:
    found = pipeline_result()
    said = {"text": "one two", "segments": [{"start": "x", "end": None}, 7]}
    samples = [msgspec.structs.replace(found.samples[0], predictions={"fp32": said, "int8": said})]
    found = msgspec.structs.replace(found, samples=samples)
    write_run(home, RUN, name="speech", told=started(), found=found)

    async def script(hand: Hand) -> None:
        await hand.press("6", "enter")
        assert "one two" in hand.screen

    drive(script, SMALL)
