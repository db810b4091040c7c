"""The recipes' own ids, fetched from a hub on the loopback that behaves as hubs do."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import datasets
import pytest
import torch
from huggingface_hub import _tree_cache

from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.placed_recipe import placed
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.runs import events, run_folder
from ovtui.core.text.errors import SourceError
from ovtui.engine.conversion.collect import open_samples
from ovtui.engine.hub import repository
from ovtui.engine.hub.offline import work_offline
from ovtui.engine.models.sources import load_model
from ovtui.engine.run.fetch import fetch
from ovtui.engine.run.pinned import at_commits
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Fetched
from tests.hub.repositories import CIFAR_MODELS, MRPC, PICKLED
from tests.hub.server import Hub

BUILT_IN = Path(__file__).parents[2] / "recipes"


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    (tmp_path / "run").mkdir()
    return Journal(run_folder.Run(tmp_path / "run"), "download")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two tries nobody waits."""
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


def _recipe(name: str, *settings: str) -> Recipe:
    return recipes.load(BUILT_IN / f"{name}.toml", list(settings))


def _fetch(name: str, journal: Journal, *settings: str) -> tuple[Recipe, Fetched]:
    recipe = _recipe(name, *settings)
    found = fetch(placed(recipe, BUILT_IN), journal)
    return at_commits(recipe, found.sources), found


def _refused(name: str, journal: Journal, *settings: str) -> str:
    """What is told where something cannot be had; one line."""
    with pytest.raises(SourceError) as caught:
        _fetch(name, journal, *settings)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def _told(journal: Journal, kind: type[Any]) -> list[Any]:
    return [event for event in journal.run.tail(0).events if isinstance(event, kind)]


HUB_RECIPES = [
    "bert-mrpc",
    "minilm-stsb",
    "clip-zero-shot",
    "whisper",
    "blip-vqa",
    "blip-captioning",
    "segformer-ade20k",
]


@pytest.mark.parametrize("name", HUB_RECIPES)
def test_a_recipe_is_fetched_once_and_read_offline(name: str, hub: Hub, journal: Journal) -> None:
    recipe, found = _fetch(name, journal)
    assert not found.offline
    model, *data = found.sources
    assert [it.used_for for it in found.sources] == ["model", "evaluation", "calibration"]
    assert model.commit == hub.commit("models", model.repository)
    pickled = model.repository in PICKLED
    assert model.files == ["pytorch_model.bin" if pickled else "model.safetensors"]
    downloaded = {it.rpartition("/")[2] for it in hub.asked_for(".parquet")}
    assert downloaded == {Path(file).name for it in data for file in it.files}
    asked = len(hub.requests)
    work_offline()
    for use in ("evaluation", "calibration"):
        selection, _ = open_samples(placed(recipe, BUILT_IN), use, references=use == "evaluation")
        assert len(selection)
    assert isinstance(load_model(placed(recipe, BUILT_IN)), torch.nn.Module)
    assert len(hub.requests) == asked


@pytest.mark.parametrize("breaks", [False, True])
def test_the_cifar_recipe_is_fetched_once_and_read_offline(
    breaks: bool, hub: Hub, journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    archive = f"{hub.address}/{CIFAR_MODELS}/resolve/main/"
    monkeypatch.setattr(torch.hub, "_git_archive_link", lambda *at: f"{archive}{at[2]}.zip")
    recipe, _ = _fetch("mobilenetv2-cifar10", journal)
    if breaks:
        hub.breaks_after = 100
        with pytest.raises(SourceError, match="chenyaofo/pytorch-cifar-models: .*") as caught:
            load_model(placed(recipe, BUILT_IN))
        assert "\n" not in str(caught.value)
        hub.breaks_after = None
    model = load_model(placed(recipe, BUILT_IN))
    assert torch.equal(model[1].weight, torch.eye(10, 3072))  # the release's, no random ones
    assert (len(hub.asked_for("master.zip")) == 1) is not breaks
    asked = len(hub.requests)
    work_offline()
    for use in ("evaluation", "calibration"):
        selection, _ = open_samples(placed(recipe, BUILT_IN), use, references=use == "evaluation")
        assert len(selection)
    assert torch.equal(load_model(placed(recipe, BUILT_IN))[1].weight, torch.eye(10, 3072))
    assert len(hub.requests) == asked


def test_no_pull_request_is_looked_for(hub: Hub, journal: Journal) -> None:
    _fetch("bert-mrpc", journal)
    assert not [it for it in hub.requests if "discussions" in it or "commits" in it or "refs" in it]


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("data.evaluation.split=validaton", "no split 'validaton', did you mean 'validation'?"),
        ("data.columns.text=sentence_1", "no column 'sentence_1' for 'text', did you mean"),
        ("data.config=mrcp", "BuilderConfig 'mrcp' not found. Available: ['qqp', 'mrpc']"),
        ("data.source=HuggingFaceM4/VQAv2", "the same rows are in lmms-lab/VQAv2"),
        ("data.source=nobody/nothing", "the hub has no such data set"),
        ("model.source=nobody/nothing", "the hub has no such model"),
        ("model.revision=v9", "the hub has no such model (or revision)"),
    ],
)
def test_mistakes_are_told_before_anything_is_downloaded(
    setting: str, expected: str, hub: Hub, journal: Journal
) -> None:
    assert expected in _refused("bert-mrpc", journal, setting)
    # The end of a Parquet file says what columns it has.
    assert not hub.asked_for("pytorch_model.bin")
    assert not _told(journal, events.Progressed)


def test_bytes_are_told_and_the_size_first(hub: Hub, journal: Journal) -> None:
    _, found = _fetch("bert-mrpc", journal)
    size = found.sources[0].size_bytes
    steps = [it for it in _told(journal, events.Progressed) if it.step.startswith(MRPC)]
    assert steps[0].unit == "bytes"
    assert (steps[0].done, steps[0].total) == (0, size)
    assert steps[-1].done == size
    done = [it.done for it in steps]
    assert done == sorted(done)


def test_a_connection_that_breaks_off_is_taken_up_again(
    hub: Hub, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.breaks_after = 2 * 4096
    monkeypatch.setattr(repository, "_CHUNK_BYTES", 4096)
    recipe, found = _fetch("bert-mrpc", journal)
    size = found.sources[0].size_bytes
    tries = len(hub.asked_for("pytorch_model.bin"))
    assert tries == -(-size // hub.breaks_after)  # each goes on where the last one ended
    assert isinstance(load_model(placed(recipe, BUILT_IN)), torch.nn.Module)


def test_a_busy_hub_is_asked_again(hub: Hub, journal: Journal) -> None:
    hub.busy = 2
    assert not _fetch("bert-mrpc", journal)[1].offline


def test_a_hub_that_is_down_and_a_full_cache(hub: Hub, journal: Journal) -> None:
    online, _ = _fetch("bert-mrpc", journal)
    hub.busy = 10**6
    offline, found = _fetch("bert-mrpc", journal)
    assert found.offline and offline == online


def test_a_connection_that_never_holds_ends_in_words(
    hub: Hub, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "_TRIES", 2)
    hub.breaks_after = 0
    assert "the hub cannot be reached" in _refused("bert-mrpc", journal)


def test_a_stale_card_is_told_and_the_rows_are_taken(hub: Hub, journal: Journal) -> None:
    recipe, _ = _fetch("blip-vqa", journal)
    selection, _ = open_samples(placed(recipe, BUILT_IN), "calibration", references=False)
    assert len(selection.table) == 12
    assert "its card says 1000 rows of 'train', its files hold 12" in (selection.table.note or "")


def test_no_connection_and_a_full_cache(
    hub: Hub, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    online, _ = _fetch("bert-mrpc", journal)
    _cut_off(monkeypatch)
    offline, found = _fetch("bert-mrpc", journal)
    assert found.offline and os.environ["HF_HUB_OFFLINE"] == "1"
    assert offline == online
    assert "the hub cannot be reached" in _told(journal, events.Warned)[-1].message


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        ("pytorch_model.bin", "hf download Intel/bert-base-uncased-mrpc)"),
        ("config.json", "hf download Intel/bert-base-uncased-mrpc)"),
        ("validation-*.parquet", "hf download nyu-mll/glue --repo-type dataset)"),
        ("README.md", "hf download nyu-mll/glue --repo-type dataset)"),
    ],
)
def test_no_connection_and_half_a_cache(
    lost: str,
    expected: str,
    hub: Hub,
    journal: Journal,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _fetch("bert-mrpc", journal)
    for path in (tmp_path / "hf" / "hub").rglob(lost):
        path.unlink()
    work_offline()
    _cut_off(monkeypatch)
    assert expected in _refused("bert-mrpc", journal)


def test_a_cache_that_keeps_no_list_of_files(hub: Hub, journal: Journal, tmp_path: Path) -> None:
    """As an older client left it: what is there is taken, unless its name says that more is."""
    _fetch("blip-vqa", journal)
    for trees in (tmp_path / "hf" / "hub").glob("*/trees"):
        shutil.rmtree(trees)
    _tree_cache._IN_MEMORY_TREE_CACHE.clear()
    work_offline()
    assert _fetch("blip-vqa", journal)[1].offline
    for path in (tmp_path / "hf" / "hub").rglob("validation-*.parquet"):
        path.rename(path.with_name("validation-00000-of-00002.parquet"))
    assert "1 of 2 files are here" in _refused("blip-vqa", journal)


def test_what_datasets_prepared_itself_is_read_offline(
    hub: Hub, journal: Journal, tmp_path: Path
) -> None:
    for split in ("train", "validation"):
        datasets.load_dataset("nyu-mll/glue", "mrpc", split=split)
    _fetch("bert-mrpc", journal)
    shutil.rmtree(tmp_path / "hf" / "hub" / "datasets--nyu-mll--glue")
    work_offline()
    recipe, found = _fetch("bert-mrpc", journal)
    assert [it.used_for for it in found.sources] == ["model"]
    assert len(open_samples(placed(recipe, BUILT_IN), "evaluation", references=True)[0]) == 24


def test_an_empty_cache_and_no_connection(
    hub: Hub, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    _cut_off(monkeypatch)
    told = _refused("bert-mrpc", journal)
    assert "this model is not on this machine and the hub cannot be reached" in told


def _cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the client ask where nobody listens."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
