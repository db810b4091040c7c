"""Some rows of a split that is too large to fetch."""

from __future__ import annotations

import os
from itertools import count, islice
from pathlib import Path

import pytest

from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.placed_recipe import placed
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.runs import events, run_folder
from ovtui.engine.conversion.collect import open_samples
from ovtui.engine.hub import repository
from ovtui.engine.hub.offline import work_offline
from ovtui.engine.hub.stream import shuffled
from ovtui.engine.run.fetch import fetch
from ovtui.engine.run.pinned import at_commits
from ovtui.engine.store.progress import Journal
from tests.hub.server import Hub

BUILT_IN = Path(__file__).parents[2] / "recipes"
FEW = ["data.evaluation.samples=5", "data.evaluation.split=validation[4:20]"]


@pytest.fixture
def journal(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journal:
    monkeypatch.setattr(repository, "LARGE_BYTES", 1000)
    (tmp_path / "run").mkdir()
    return Journal(run_folder.Run(tmp_path / "run"), "download")


def _fetch(journal: Journal, *settings: str) -> Recipe:
    recipe = recipes.load(BUILT_IN / "bert-mrpc.toml", list(settings))
    return at_commits(recipe, fetch(placed(recipe, BUILT_IN), journal).sources)


def test_rows_are_drawn_from_a_buffer() -> None:
    drawn = list(shuffled(iter(range(50)), 0, 8))
    assert sorted(drawn) == list(range(50)) and drawn != sorted(drawn)
    assert drawn == list(shuffled(iter(range(50)), 0, 8))
    first = list(islice(shuffled(count(), 3, 8), 20))
    assert max(first) < 28  # nothing is read that is not needed


def test_some_rows_are_read_and_the_files_stay_where_they_are(
    hub: Hub, journal: Journal, tmp_path: Path
) -> None:
    recipe = _fetch(journal, *FEW)
    assert not list((tmp_path / "hf" / "hub").rglob("validation-*.parquet"))
    warned = [it.message for it in journal.run.tail(0).events if isinstance(it, events.Warned)]
    assert any("5 rows of it are streamed: from its beginning" in it for it in warned)
    asked = len(hub.requests)
    work_offline()
    selection, task = open_samples(placed(recipe, BUILT_IN), "evaluation", references=True)
    rows = dict(selection)
    assert len(rows) == 5 and set(rows) <= set(range(4, 20))
    assert {index % 2 for index in rows} == {task.reference(row) for row in rows.values()} == {0, 1}
    assert all(index % 2 == task.reference(row) for index, row in rows.items())
    assert _fetch(journal, *FEW) == recipe
    assert len(hub.requests) == asked


@pytest.mark.parametrize("left_out", FEW)
def test_a_whole_split_and_shares_of_it_are_fetched(
    left_out: str, hub: Hub, journal: Journal, tmp_path: Path
) -> None:
    settings = {
        FEW[0]: ["data.evaluation.split=validation"],
        FEW[1]: ["data.evaluation.samples=5", "data.evaluation.split=validation[:50%]"],
    }
    _fetch(journal, *settings[left_out])
    assert list((tmp_path / "hf" / "hub").rglob("validation-*.parquet"))
    assert os.environ.get("HF_HUB_OFFLINE") != "1"
