"""The picture of any evaluated row: from the cache, from the data again, or why not."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image

from ovtui import cli
from ovtui.core.asking.sample_input import Shown, Wanted, with_input
from ovtui.core.home.seal import seal
from ovtui.core.runs.run_folder import Run
from ovtui.core.text.errors import UserError
from ovtui.engine.ask.sample import show
from ovtui.tui import outside
from tests.support.tiny import write_recipe_folder

pytestmark = pytest.mark.usefixtures("forked_engines")

ROW = 20
SETTINGS = ("samples=1", 'data.evaluation={ split = "all[16:]" }')


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the data `recipe/data.npz` and one run of a home, which keeps one sample."""
    folder = tmp_path_factory.mktemp("shown")
    (folder / "locks").mkdir()
    (folder / "recipe").mkdir()
    recipe = write_recipe_folder(folder / "recipe")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OVTUI_LOCKS", str(folder / "locks"))
        patch.setenv("OVTUI_HOME", str(folder / "home"))
        patch.setenv("OVTUI_CONFIG", str(folder / "config"))
        words = [word for setting in SETTINGS for word in ("--set", setting)]
        assert cli.main(["run", str(recipe), *words]) == 0
    yield folder


@pytest.fixture
def run(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """That run, with home and data of this test's own."""
    shutil.copytree(made, tmp_path / "copy")
    monkeypatch.setenv("OVTUI_HOME", str(tmp_path / "copy" / "home"))
    monkeypatch.setenv("OVTUI_LOCKS", str(tmp_path / "copy" / "locks"))
    monkeypatch.setattr("ovtui.engine.ask.sample.work_offline", lambda: None)
    (folder,) = (tmp_path / "copy" / "home" / "runs").iterdir()
    return Run(folder)


def move(run: Run, base: Path) -> None:
    """Have the run look for its data elsewhere, as its own maker's."""
    path = run.folder / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"base": str(base)}))
    seal(run.folder)


def data_of(run: Run) -> Path:
    """The data file of the test's own, which the run reads once the cache is gone."""
    recipe = run.folder.parents[2] / "recipe"
    move(run, recipe)
    shutil.rmtree(run.folder.parents[1] / "cache")
    return recipe / "data.npz"


def shown(run: Run, found: Shown) -> np.ndarray:
    assert found.input == {"image": f"samples/{ROW}.png"}
    return np.asarray(Image.open(run.folder / "samples" / f"{ROW}.png"))


def pictures(path: Path) -> np.ndarray:
    return np.load(path)["image"]


def test_a_row_comes_from_the_cache(made: Path, run: Run) -> None:
    found = show(Wanted(run=str(run.folder), index=ROW))
    expected = pictures(made / "recipe" / "data.npz")[ROW]
    np.testing.assert_array_equal(shown(run, found), expected)
    assert found.note == ""


def test_a_row_is_read_again_where_the_cache_is_gone(run: Run) -> None:
    data = data_of(run)
    found = show(Wanted(run=str(run.folder), index=ROW))
    np.testing.assert_array_equal(shown(run, found), pictures(data)[ROW])
    assert found.note == ""


def test_another_row_in_its_place_is_not_shown(run: Run) -> None:
    data = data_of(run)
    arrays = dict(np.load(data))
    arrays["image"][ROW, 0, 0, 0] ^= 1
    np.savez(data, **arrays)
    with pytest.raises(UserError, match=f"row {ROW} is another one than was evaluated: the data"):
        show(Wanted(run=str(run.folder), index=ROW))
    assert not (run.folder / "samples" / f"{ROW}.png").exists()
    assert show(Wanted(run=str(run.folder), index=ROW + 1)).input, "the others are as they were"


def test_a_run_without_marks_says_that_it_cannot_know(run: Run) -> None:
    path = run.folder / "outcomes.json"
    document = json.loads(path.read_text())
    assert len(document.pop("digests")) == len(document["samples"]) == 16
    path.write_text(json.dumps(document))
    assert show(Wanted(run=str(run.folder), index=ROW)).note == "", "the cache knows"
    data_of(run)
    found = show(Wanted(run=str(run.folder), index=ROW + 1))
    assert "whether the data are still the same is not known" in found.note
    assert not (run.folder / "samples" / f"{ROW + 1}.json").exists()


@pytest.mark.parametrize(
    ("index", "told"), [(3, "row 3: was not evaluated"), (99, "no row 99 any more")]
)
def test_rows_that_are_none_of_the_evaluation(run: Run, index: int, told: str) -> None:
    data_of(run)
    with pytest.raises(UserError, match=told):
        show(Wanted(run=str(run.folder), index=index))


def test_data_that_are_gone_are_told_in_one_line(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    data_of(run).unlink()
    assert cli.main(["show", str(run.folder), "--sample", str(ROW)]) == 0
    out, err = capsys.readouterr()
    assert f"row {ROW} of data.npz" in out and "int8" in out, "the answers are shown all the same"
    assert err.startswith(f"sample {ROW}: what was given cannot be shown: ")
    assert "data.npz" in err and err.count("\n") == 1


def test_what_was_shown_once_is_kept(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["show", str(run.folder), "--sample", str(ROW), "--json"]) == 0
    data_of(run).unlink()
    assert cli.main(["show", str(run.folder), "--sample", str(ROW), "--json"]) == 0
    out, err = capsys.readouterr()
    assert out.count(f'"image": "samples/{ROW}.png"') == 2 and err == ""
    (run.folder / "samples" / f"{ROW}.png").unlink()
    assert cli.main(["show", str(run.folder), "--sample", str(ROW), "--json"]) == 0
    out, err = capsys.readouterr()
    assert "image" not in json.loads(out)["input"] and "cannot be shown" in err


def test_a_run_made_elsewhere_reads_nothing_here_unasked(run: Run) -> None:
    (run.folder / ".seal").unlink()
    with pytest.raises(
        UserError, match=r"made elsewhere, and to show this row .*data.npz.*--trust"
    ):
        show(Wanted(run=str(run.folder), index=ROW))
    assert show(Wanted(run=str(run.folder), index=ROW, trust=True)).input


def test_nothing_is_written_through_links(run: Run, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (run.folder / "samples" / f"{ROW}.png").symlink_to(victim)
    show(Wanted(run=str(run.folder), index=ROW))
    assert victim.read_text() == "mine"
    shutil.move(run.folder / "samples", tmp_path / "elsewhere")
    (run.folder / "samples").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="leads out of the run's folder"):
        show(Wanted(run=str(run.folder), index=ROW))


def test_an_index_that_is_a_path_is_refused(run: Run) -> None:
    (sample,) = run.result().samples  # type: ignore[union-attr]
    for forged in ("../../x", "-1", "²", ""):
        with pytest.raises(UserError, match="is no number of a row"):
            with_input(run, replace(sample, id=forged))


def test_the_dashboard_is_told_the_same(run: Run) -> None:
    sample, words = asyncio.run(outside.with_input(run.folder, str(ROW)))
    assert sample.input == {"image": f"samples/{ROW}.png"} and words == ""
    with pytest.raises(UserError, match="sample 3: was not evaluated"):
        asyncio.run(outside.with_input(run.folder, "3"))
