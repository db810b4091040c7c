"""Recipes and models that are on this machine, also broken ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovtui.core.home import directories
from ovtui.core.recipes import catalog
from ovtui.core.text.errors import UserError
from tests.support.held import RECIPE

IR = b'<?xml version="1.0"?>\n<net name="m" version="11"></net>'


@pytest.fixture
def own(home: Path) -> Path:
    """The user's folder of recipes."""
    folder = directories.config_dir() / "recipes"
    folder.mkdir(parents=True)
    return folder


def entries() -> dict[str, catalog.RecipeEntry]:
    return {entry.name: entry for entry in catalog.recipes()}


def test_recipes_that_come_along_are_listed(home: Path) -> None:
    demo = entries()["mobilenetv2-digits"]
    assert (demo.origin, demo.problem, demo.variants) == ("demo", None, ["int8"])


def test_a_recipe_of_one_s_own_goes_before_one_of_the_same_name(own: Path) -> None:
    (own / "mobilenetv2-digits.toml").write_text(RECIPE)
    found = entries()["mobilenetv2-digits"]
    assert (found.origin, found.title) == ("yours", "Held")
    assert catalog.recipes()[0] == found
    assert catalog.find_recipe("mobilenetv2-digits") == own / "mobilenetv2-digits.toml"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"[model", "cannot be read"),
        (b"\xff", "cannot be read"),
        (b"title = 'x'", "incomplete"),
        (b"model = 3\ndata = 4\nvariants = 5", "incomplete"),
        (b"variants = [3]\n[model]\nsource='m'\n[data]\nsource='d'", "incomplete"),
    ],
)
def test_a_broken_recipe_is_listed_with_its_problem(
    own: Path, content: bytes, problem: str
) -> None:
    (own / "broken.toml").write_bytes(content)
    assert problem in (entries()["broken"].problem or "")


def test_a_recipe_is_found_by_name_or_path(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (own / "mine.toml").write_text(RECIPE)
    monkeypatch.chdir(own)
    for text in ("mine", "mine.toml", "./mine.toml", str(own / "mine.toml")):
        assert catalog.find_recipe(text) == own / "mine.toml"
    with pytest.raises(UserError, match="did you mean 'mine'"):
        catalog.find_recipe("mien")
    with pytest.raises(UserError, match="no such recipe file"):
        catalog.find_recipe("other.toml")


def test_models_are_found_in_folders_hub_cache_and_runs(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models"
    snapshot = tmp_path / "hub" / "models--openai--whisper-tiny" / "snapshots" / "abc"
    variant = home / "runs" / "20270101-000000-tiny-0000" / "models" / "int8"
    for place in (folder / "deep" / "er", folder / ".hidden", snapshot, variant):
        place.mkdir(parents=True)
    (folder / "deep" / "m.xml").write_bytes(IR)
    (folder / "deep" / "m.bin").write_bytes(bytes(100))
    (folder / "deep" / "other.xml").write_text("<settings/>")
    (folder / "deep" / "er" / "n.onnx").write_bytes(bytes(7))
    (folder / ".hidden" / "h.onnx").touch()
    (snapshot / "config.json").write_text("{}")
    (snapshot / "model.safetensors").write_bytes(bytes(50))
    (variant / "model.xml").write_bytes(IR)
    directories.config_dir().mkdir(parents=True)
    (directories.config_dir() / "config.toml").write_text(f'models = ["{folder}"]')
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    found = {
        entry.name: (entry.format, entry.size_bytes, entry.origin) for entry in catalog.models()
    }
    assert found == {
        "models/deep/m.xml": ("openvino", len(IR) + 100, "folder"),
        "models/deep/er/n.onnx": ("onnx", 7, "folder"),
        "openai/whisper-tiny": ("huggingface", 50, "hub cache"),
        "20270101-000000-tiny-0000/int8": ("openvino", len(IR), "20270101-000000-tiny-0000"),
    }


def test_settings_are_read_as_strictly_as_recipes(home: Path) -> None:
    directories.config_dir().mkdir(parents=True)
    (directories.config_dir() / "config.toml").write_text("cache_gb = 3")
    with pytest.raises(UserError, match="cache_gb: unknown key, did you mean 'cache_gib'"):
        catalog.models()
