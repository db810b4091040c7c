"""`e` on a recipe: a person's own file is edited, never one that an update replaces."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovtui.core.home import directories
from ovtui.core.recipes import recipe
from ovtui.core.recipes.catalog import find_recipe
from ovtui.core.recipes.recipe_copy import copy
from ovtui.core.text.errors import UserError
from ovtui.tui.screens.recipes import Recipes
from tests.tui.drive import SMALL, Hand, drive

DEMO = "mobilenetv2-digits"


@pytest.fixture
def edited(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """A configuration of its own, and the files that would have been opened in the editor."""
    monkeypatch.setenv("OVTUI_CONFIG", str(tmp_path / "config"))
    opened: list[Path] = []
    monkeypatch.setattr(Recipes, "_edit", lambda place, path: opened.append(Path(path)))
    return opened


def test_a_recipe_that_comes_with_ovtui_is_copied_after_a_question(edited: list[Path]) -> None:
    original = find_recipe(DEMO)
    before = original.read_bytes()

    async def script(hand: Hand) -> None:
        await hand.press("2", "slash", *DEMO, "enter", "e")
        assert "comes with ovtui" in hand.words and "Copy it to" in hand.words
        await hand.press("n")
        assert not edited and find_recipe(DEMO) == original
        await hand.press("e", "y")
        own = directories.config_dir() / "recipes" / original.name
        assert edited == [own] and find_recipe(DEMO) == own
        await hand.press("e")  # the copy is the person's own: no question
        assert edited == [own, own]

    drive(script, SMALL)
    assert original.read_bytes() == before


def test_the_copy_is_a_recipe_that_finds_the_files_of_the_original(edited: list[Path]) -> None:
    original = find_recipe(DEMO)
    own = copy(original)
    assert "# Offline: MobileNetV2 on real handwritten digits" in own.read_text()
    before, after = recipe.load(original), recipe.load(own)
    assert after.model.source == f"{original.parent}/{before.model.source}"
    assert after.model.weights == f"{original.parent}/{before.model.weights}"
    assert after.data.source == f"{original.parent}/{before.data.source}"
    assert (after.title, after.variants) == (before.title, before.variants)
    with pytest.raises(UserError, match="is there already; it is not overwritten"):
        copy(original)


def test_every_recipe_that_comes_with_ovtui_can_be_copied(edited: list[Path]) -> None:
    folder = directories.builtin_recipes()
    originals = [*folder.glob("*.toml"), *folder.glob("demo/*.toml")]
    assert len(originals) > 10
    for original in originals:
        before, after = recipe.load(original), recipe.load(copy(original))
        assert after.variants == before.variants
        if not (original.parent / before.model.source.partition(":")[0]).exists():
            assert after.model.source == before.model.source
