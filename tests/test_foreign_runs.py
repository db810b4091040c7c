"""A run folder from somebody else: its models are asked, what it names is not believed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ovtui import cli
from ovtui.core.home import seal
from ovtui.core.recipes.recipe import load
from ovtui.core.recipes.trust import code_of, is_on_hub
from ovtui.core.runs import run_folder
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.run_request import Request
from ovtui.core.text.errors import UserError
from ovtui.engine.ask.ask_models import own_files_only
from ovtui.engine.ask.asking import conversion_of

pytestmark = pytest.mark.usefixtures("forked_engines")

DEMO = Path(__file__).parents[1] / "recipes" / "demo"
UNMEASURED = ("measure.latency=false", "measure.throughput=false")
CODE = """
from pathlib import Path
Path(__file__).with_name("ran").touch()
def rows(split):
    return []
"""


@pytest.fixture
def picture(tmp_path: Path) -> str:
    pixels = np.zeros((16, 16, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    return str(tmp_path / "a.png")


@pytest.fixture
def gift(home: Path, tiny: Path, tmp_path: Path) -> Callable[..., Path]:
    """A finished run of somebody else, with other words in its files."""
    settings = [word for it in UNMEASURED for word in ("--set", it)]
    assert cli.main(["run", str(tiny), *settings]) == 0
    (made,) = (home / "runs").iterdir()

    def forge(request: dict[str, Any], result: dict[str, Any] | None = None) -> Path:
        folder = tmp_path / "gift"
        shutil.copytree(made, folder)
        for name, words in (("run.json", request), ("result.json", result or {})):
            document = json.loads((folder / name).read_text())
            document["recipe"] = _merged(document["recipe"], words.pop("recipe", {}))
            (folder / name).write_text(json.dumps(document | words))
        (folder / "helper.py").write_text(CODE)
        return folder

    return forge


def _merged(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return one | {key: _merged(one.get(key), value) for key, value in other.items()}
    return other or one


def test_labels_come_from_the_run_and_no_code_of_it_is_run(
    gift: Callable[..., Path], picture: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = {"source": "helper.py:rows", "labels": None}
    folder = gift({"base": ".", "recipe": {"data": data, "trust": True}})
    document = json.loads((folder / "run.json").read_text())
    document["recipe"]["data"]["labels"] = None
    (folder / "run.json").write_text(json.dumps(document | {"base": str(folder)}))
    assert cli.main(["predict", str(folder), "--image", picture, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)["predictions"]
    assert said["int8"]["label"] in "abcd"
    assert not (folder / "ran").exists()
    assert cli.main(["predict", str(folder), "--image", picture, "--trust"]) == 0
    assert "lets it run" in (told := capsys.readouterr().err) and "helper.py:rows (data)" in told


def test_a_variant_outside_the_folder_is_refused(
    gift: Callable[..., Path], picture: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = gift({})
    document = json.loads((folder / "result.json").read_text())
    shutil.copytree(folder / "models" / "int8", folder.parent / "elsewhere")
    document["variants"][1]["path"] = "../elsewhere"
    (folder / "result.json").write_text(json.dumps(document))
    assert cli.main(["predict", str(folder), "--image", picture]) == 2
    assert "leads out of the run's folder" in capsys.readouterr().err


def test_a_run_is_its_homes_own_until_its_request_is_changed(home: Path, tmp_path: Path) -> None:
    run = run_folder.create(Request(name="tiny", created="", device="CPU", base="/"))
    assert seal.is_own(run.folder)
    assert (home / ".key").stat().st_mode & 0o777 == 0o600
    shutil.copytree(run.folder, tmp_path / "copy")
    assert seal.is_own(tmp_path / "copy"), "what it asks for is what was asked for here"
    path = tmp_path / "copy" / "run.json"
    path.write_text(path.read_text().replace("tiny", "huge"))
    assert not seal.is_own(tmp_path / "copy")
    (home / ".key").unlink()
    assert not seal.is_own(run.folder), "made in another home"


def test_a_foreign_pipeline_is_refused_what_it_would_run(home: Path, tmp_path: Path) -> None:
    recipe = load(DEMO / "whisper-digits.toml")
    request = Request(name="w", created="", device="CPU", base=str(DEMO), recipe=recipe)
    with pytest.raises(UserError, match=r"run spoken_digits.py:\w+ \(data\).*--trust"):
        conversion_of(Run(tmp_path), request, trusted=False)


def test_a_foreign_recipe_is_asked_with_its_own_files(tmp_path: Path) -> None:
    recipe = load(DEMO / "bert-paraphrase.toml", ["trust=true"])
    assert own_files_only(recipe, tmp_path).model == recipe.model
    (tmp_path / "config.json").write_text("{}")
    bare = own_files_only(recipe, tmp_path)
    assert bare.model.source == str(tmp_path) and not bare.trust


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (["model.source=a.py:build"], "a.py:build (model)"),
        (["model.source=torch.hub:a/b:c"], "torch.hub:a/b:c (model)"),
        (["model.weights=a.pt"], "a.pt (model)"),
        (["data.evaluation.source=b.py:rows"], "b.py:rows (data)"),
        (["metric=m.py:judge"], "m.py:judge (metric)"),
        (['also=["n.py:judge"]'], "n.py:judge (metric)"),
        (["trust=true"], "what trust = true allowed: remote code and pickled weights"),
    ],
)
def test_all_code_of_a_recipe_is_named(settings: list[str], named: str) -> None:
    before = code_of(load(DEMO / "bert-paraphrase.toml"))
    assert [
        it for it in code_of(load(DEMO / "bert-paraphrase.toml", settings)) if it not in before
    ] == [named]


@pytest.mark.parametrize(
    ("text", "on_hub"),
    [
        ("google/vit", True),
        ("hf:gpt2", True),
        ("/etc", False),
        ("./a", False),
        ("~/a", False),
        ("../a/b", False),
        ("a/b/c", False),
        ("a.py:b", False),
        ("rows.CSV", False),
        ("model.xml", False),
        ("there", False),
        ("gone", True),
    ],
)
def test_what_can_only_be_on_the_hub(tmp_path: Path, text: str, on_hub: bool) -> None:
    (tmp_path / "there").mkdir()
    assert is_on_hub(text, tmp_path) is on_hub
