"""What the places look like, at both sizes, in truecolor and in 16 colours."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ovtui.tui.screens import runs
from tests.support.run_folders import NOW, alive, half_way, started, write_done, write_run
from tests.support.sample_result import sample_result
from tests.tui.drive import LARGE, SMALL, Hand, drive
from tests.tui.snapshot import check

WAYS = {
    "runs": [],
    "run": ["enter"],
    "charts": ["5", "enter"],
    "verdicts": ["5", "enter", "tab", "tab"],
    "samples": ["6", "enter"],
    "help": ["question_mark"],
}
"""The keys that lead to each screen."""


@pytest.fixture(autouse=True)
def frozen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The clock stands still, the zone is UTC, and the host has a name."""
    host = os.uname_result(("Linux", "build-7", "6.1", "1", "x86_64"))
    monkeypatch.setattr(os, "uname", lambda: host)
    monkeypatch.setattr(runs.time, "time", lambda: NOW + 42)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("theme", ["ovtui", "ansi-dark"])
@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("way", WAYS)
def test_looks(way: str, size: tuple[int, int], theme: str, home: Path) -> None:
    write_done(home)
    failed = "20260130-090000-digits-cc01"
    write_run(home, failed, told=started(), found=sample_result(outcome="failed"))
    live = write_run(
        home, "20260131-111600-digits-cd01", told=half_way(at=NOW), log="INFO: hello\n"
    )

    async def script(hand: Hand) -> None:
        await hand.tick()
        await hand.press(*(["j"] if way not in ("runs", "run", "help") else []), *WAYS[way])
        colours = "16" if theme == "ansi-dark" else "truecolor"
        check(hand.app, f"{way}-{size[0]}x{size[1]}-{colours}")

    with alive(live):
        drive(script, size, theme_name=theme)
