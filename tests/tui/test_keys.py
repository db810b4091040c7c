"""The one table of keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from ovtui.core.home.settings import Settings
from ovtui.tui import keys
from tests.support.run_folders import write_done
from tests.tui.drive import LEAST, SMALL, Hand, drive

# tmux's and screen's prefixes, flow control, and keys that terminals send for others.
TAKEN = {"ctrl+b", "ctrl+a", "ctrl+s", "ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+z"}


def test_ids_are_unique() -> None:
    ids = [key.id for key in keys.every()]
    assert len(ids) == len(set(ids))


def test_no_key_is_taken_by_multiplexers_or_has_two_meanings() -> None:
    for place in keys.PLACES:
        for focus in ("list", "page"):
            sections = (focus, place, "place", "everywhere")
            names = [n for s in sections for key in keys.TABLE[s] for n in key.keys.split(",")]
            assert len(names) == len(set(names)), place
            assert not TAKEN & set(names)


@pytest.mark.parametrize("place", keys.PLACES)
def test_last_line_fits_80_cells(place: str) -> None:
    words = [text for _, text in keys.footer(("list", place, "everywhere"), {})]
    assert 1 + cell_len("  ".join(words)) <= 80
    assert words[-1] == "? help"


def test_readme_lists_every_key() -> None:
    table = keys.markdown()
    assert all(key.what in table for key in keys.every())
    readme = Path(__file__).parents[2] / "README.md"
    assert table in readme.read_text(encoding="utf-8"), "python -m tests.readme writes it there"


def test_help_is_one_page_at_80_by_24_and_readable_at_60_by_16(home: Path) -> None:
    async def script(hand: Hand) -> None:
        for number in range(len(keys.PLACES)):
            await hand.press(str(number), "question_mark")
            assert "this help" in hand.screen
            if hand.app.size.width == 80:
                assert "…" not in hand.screen.replace("worse, …, all", "")
            await hand.press("escape")

    drive(script, SMALL)


def test_keys_can_be_rebound(home: Path) -> None:
    async def script(hand: Hand) -> None:
        await hand.press("M")
        assert hand.app.current_mode == "models"

    drive(script, settings=Settings(keys={"place.models": "M"}))


def test_help_stays_among_the_last_line_at_60_cells(home: Path) -> None:
    write_done(home)

    async def script(hand: Hand) -> None:
        assert hand.lines[-1].endswith("? help")

    drive(script, LEAST)
