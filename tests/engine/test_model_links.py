"""Links and names in a model's folder lead nowhere else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.placed_recipe import placed
from ovtui.core.text.errors import RecipeError, SourceError
from ovtui.engine.models.companions import copy_companions
from ovtui.engine.models.sources import local_weights

DEMO = Path(__file__).parents[2] / "recipes" / "demo"


def bert(folder: Path, *settings: str) -> recipes.Recipe:
    return recipes.load(DEMO / "bert-paraphrase.toml", [f"model.source={folder}", *settings])


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    return folder


def companions(model: Path) -> tuple[list[str], list[str]]:
    """Names of what is copied, and of what is left out."""
    out = model.parent / "out"
    left_out = copy_companions(placed(bert(model), model), out)
    return sorted(path.name for path in out.iterdir()), left_out


def test_only_files_that_are_known_by_name_are_copied(model: Path) -> None:
    known = ["merges.txt", "spiece.model", "tokenizer_config.json", "vocab.txt"]
    for name in (*known, "notes.json", "secret.txt", "model.safetensors.index.json"):
        (model / name).write_text("{}")
    assert companions(model) == (["config.json", *known], [])


@pytest.mark.parametrize("target", ["/proc/self/environ", "../secret.txt", "nowhere", "."])
def test_a_link_out_of_the_folder_is_not_copied(model: Path, target: str) -> None:
    (model.parent / "secret.txt").write_text("secret")
    (model / "vocab.txt").symlink_to(target)
    assert companions(model) == (["config.json"], ["vocab.txt"])


def test_links_of_the_hub_s_cache_are_followed(tmp_path: Path) -> None:
    place = tmp_path / "models--a--b"
    snapshot = place / "snapshots" / "0123"
    snapshot.mkdir(parents=True)
    (place / "blobs").mkdir()
    (place / "blobs" / "ab").write_text("{}")
    (snapshot / "config.json").symlink_to("../../blobs/ab")
    (snapshot / "vocab.txt").symlink_to("/etc/hostname")
    out = tmp_path / "out"
    assert copy_companions(placed(bert(snapshot), snapshot), out) == ["vocab.txt"]
    assert [path.name for path in out.iterdir()] == ["config.json"]


def test_a_folder_that_is_a_link_is_that_folder(model: Path) -> None:
    link = model.parent / "link"
    link.symlink_to(model)
    assert companions(link) == (["config.json"], [])


def test_weights_that_are_gone_are_no_pickled_ones(model: Path) -> None:
    (model / "model.safetensors").symlink_to("blobs/gone")
    with pytest.raises(SourceError, match="is a link to a file that is gone"):
        local_weights(model, bert(model))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("../../etc/hostname", "is not a file of the model's folder"),
        ("/etc/hostname", "is not a file of the model's folder"),
        ("weights.bin", "is no safetensors file and can run code"),
        ("model-2.safetensors", "is missing"),
    ],
)
def test_an_index_names_files_of_the_folder(model: Path, name: str, told: str) -> None:
    (model / "model-1.safetensors").write_bytes(b"")
    weights = {"a": "model-1.safetensors", "b": name}
    index = model / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": weights}))
    with pytest.raises(SourceError, match=told):
        local_weights(model, bert(model))


@pytest.mark.parametrize("name", ["/tmp/x", "../x", "", ".hidden", "a/b", "baseline", "a\nb"])
def test_a_component_s_name_is_no_path(name: str) -> None:
    words = json.dumps(name)
    with pytest.raises(RecipeError, match="components"):
        recipes.load(DEMO / "whisper-digits.toml", [f'components={{ {words} = "model.encoder" }}'])
