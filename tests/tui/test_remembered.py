"""Place, cursor, filter and marks are there again next time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.run_folders import write_run
from tests.support.sample_result import sample_result
from tests.tui.drive import Hand, drive


@pytest.fixture(autouse=True)
def runs(home: Path) -> list[str]:
    """Three runs that are done, the newest first."""
    ids = [f"20260131-1015{number:02}-digits-ab{number:02}" for number in range(3)]
    for id in ids:
        write_run(home, id, name="digits", found=sample_result(run=id))
    return ids[::-1]


def test_place_cursor_and_filter_are_taken_up(runs: list[str]) -> None:
    async def leave(hand: Hand) -> None:
        await hand.press("4", "slash", "a", "b", "enter", "j", "space", "2")

    async def come_back(hand: Hand) -> None:
        assert hand.app.place is not None and hand.app.place.PLACE == "recipes"
        assert list(hand.app.session.marks) == [runs[1]]
        await hand.press("4")
        assert "/ab" in hand.screen
        assert hand.app.session.current == runs[2]

    drive(leave)
    drive(come_back)


def test_a_run_that_came_since_is_under_the_cursor(home: Path, runs: list[str]) -> None:
    async def leave(hand: Hand) -> None:
        await hand.press("4", "G")

    async def come_back(hand: Hand) -> None:
        await hand.press("4")
        assert hand.app.session.current == "20260131-111500-newer-cd01"

    drive(leave)
    write_run(home, "20260131-111500-newer-cd01", name="newer", found=sample_result())
    drive(come_back)


def test_marks_of_runs_that_are_gone_are_dropped(home: Path) -> None:
    (home / "dashboard.json").write_text('{"marks": ["../../etc", "gone"], "place": "runs"}')

    async def script(hand: Hand) -> None:
        assert not hand.app.session.marks

    drive(script)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"place": 3}', '{"place": "nowhere"}'])
def test_a_damaged_file_is_as_none(home: Path, text: str) -> None:
    (home / "dashboard.json").write_text(text)

    async def script(hand: Hand) -> None:
        assert hand.app.place is not None and hand.app.place.PLACE == "runs"

    drive(script)
