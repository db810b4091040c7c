"""The one table of keys."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
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


def test_a_hint_names_the_keys_as_they_are_set() -> None:
    hint = "{place.runs}, then {runs.again}"
    assert keys.said(hint, {}) == "4, then t"
    assert keys.said(hint, {"runs.again": "f5,t"}) == "4, then f5"
    assert keys.said(hint, keys.looking_only({})) == "", "nothing is started there"


def test_every_hint_in_the_dashboard_names_keys_that_there_are() -> None:
    hints = [text for _, text in _texts() if re.search(r"\{[a-z]+\.[a-z_]+\}", text)]
    assert len(hints) > 20
    assert all(keys.said(text, {}) for text in hints)


def test_no_text_of_the_dashboard_names_a_key_itself() -> None:
    """As in `r starts one`: a person may have given that key another task."""
    verbs = {word for key in keys.every() for word in key.what.split()} | {"start", "show", "put"}
    names = {name for key in keys.every() for name in keys.shown(key, {})}
    known = "|".join(map(re.escape, names - _OF_DIALOGS - _SIGNS))
    named = re.compile(rf"(?:^|[\s(;,.])({known})\s+(\w+?)(?:es|s)\b")
    found = [
        (place, text)
        for place, text in _texts()
        for name, verb in named.findall(text)
        if verb in verbs
    ]
    assert not found


_OF_DIALOGS = {"esc", "⌫", "y", "w"}
"""Keys of questions and notices, which nobody can change."""
_SIGNS = {":"}
"""Keys that stand in sentences as what they are."""


def _texts() -> Iterator[tuple[str, str]]:
    """Every text in the code of the dashboard that is no docstring, with its file."""
    for path in sorted((Path(keys.__file__).parent).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docs = {id(it.value) for it in ast.walk(tree) if isinstance(it, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and id(node) not in docs:
                yield path.name, str(node.value)
