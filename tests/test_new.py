"""A model and data of one's own, from `ovtui new` to a verdict."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ovtui import cli
from tests.support import own_models

pytestmark = pytest.mark.usefixtures("forked_engines")

Capture = pytest.CaptureFixture[str]
QUICK = ("measure={ seconds = 0.1, blocks = 2, tokens = 4 }", 'variants=["int8"]', "max_drop=1")

CASES: dict[str, tuple[Callable[[Path], tuple[Path, Path]], dict[str, Any]]] = {
    "an ONNX regressor": (
        own_models.onnx_regressor,
        {
            "task": "tensors",
            "metric": "mae",
            "columns": {"features": list(own_models.FEATURES), "reference": "price"},
            "splits": ["all[:20]", "all[20:]"],
        },
    ),
    "an IR for pictures": (
        own_models.ir_classifier,
        {
            "task": "image-classification",
            "metric": "accuracy",
            "columns": {"image": "image", "label": "label"},
            "labels": ["a", "b", "c", "d"],
            "splits": ["all[::2]", "all[1::2]"],
        },
    ),
    "pictures, Hugging Face": (
        own_models.hf_image_classifier,
        {
            "task": "image-classification",
            "metric": "accuracy",
            "columns": {"image": "image", "label": "label"},
            "labels": ["truck", "cat", "dog"],
            "splits": ["train", "test"],
        },
    ),
    "texts with names": (
        own_models.hf_text_classifier,
        {
            "task": "text-classification",
            "metric": "accuracy",
            "columns": {"text": "sentence", "label": "label"},
            "labels": ["different", "same"],
            "splits": ["all[:13]", "all[13:]"],
        },
    ),
    "pairs with scores": (
        own_models.hf_sentences,
        {
            "task": "sentence-similarity",
            "metric": "spearman",
            "columns": {"sentence1": "sentence1", "sentence2": "sentence2", "score": "score"},
            "splits": ["all[:12]", "all[12:]"],
        },
    ),
    "speech": (
        own_models.whisper,
        {
            "task": "automatic-speech-recognition",
            "metric": "wer",
            "columns": {"audio": "audio", "text": "text"},
            "splits": ["all[:4]", "all[4:]"],
        },
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_from_a_model_and_data_to_a_verdict(
    case: str, home: Path, tmp_path: Path, capsys: Capture
) -> None:
    make, wanted = CASES[case]
    folder = tmp_path / "own"
    folder.mkdir()
    model, data = make(folder)
    recipe = folder / "mine.toml"
    words = ["new", str(model), "--data", str(data), "-o", str(recipe)]
    assert cli.main([*words, "--json"]) == 0, capsys.readouterr().err
    told = json.loads(capsys.readouterr().out)
    assert told["tried"]["inputs"] and told["tried"]["prediction"]
    assert told["tried"]["reference"] is not None and not told["tried"]["warnings"]

    table = tomllib.loads(recipe.read_text())
    assert table["task"] == wanted["task"] and table["metric"] == wanted["metric"]
    assert table["data"]["columns"] == wanted["columns"]
    assert table["data"].get("labels") == wanted.get("labels")
    subsets = [table["data"][name]["split"] for name in ("calibration", "evaluation")]
    assert subsets == wanted["splits"]
    assert len(table["variants"]) >= 4

    settings = [word for setting in QUICK for word in ("--set", setting)]
    assert cli.main(["run", str(recipe), "--json", *settings]) == 0, capsys.readouterr().err
    result = json.loads(capsys.readouterr().out)
    assert result["comparisons"][-1]["verdict"] in ("pass", "not enough samples")
    assert result["title"] == "mine" if "title" in result else True


def test_without_data_it_says_what_is_needed(home: Path, tmp_path: Path, capsys: Capture) -> None:
    model, _ = own_models.onnx_regressor(tmp_path)
    assert cli.main(["new", str(model)]) == 2
    told = capsys.readouterr().err
    assert "takes features f32 [?, 4]; give --data with rows for it" in told
    assert told.count("\n") == 1


def test_a_recipe_that_is_there_stays(home: Path, tmp_path: Path, capsys: Capture) -> None:
    model, data = own_models.onnx_regressor(tmp_path)
    recipe = tmp_path / "mine.toml"
    recipe.write_text("mine")
    words = ["new", str(model), "--data", str(data), "-o", str(recipe), "--no-check"]
    assert cli.main(words) == 2
    assert "is there already; --force replaces it" in capsys.readouterr().err
    assert recipe.read_text() == "mine"
    assert cli.main([*words, "--force"]) == 0
    told = capsys.readouterr().out
    assert "? data.columns" in told and "? marks what is uncertain" in told
    assert tomllib.loads(recipe.read_text())["task"] == "tensors"


def test_what_does_not_work_yet_is_said_in_one_line(
    home: Path, tmp_path: Path, capsys: Capture
) -> None:
    model, data = own_models.onnx_regressor(tmp_path)
    rows = data.read_text().splitlines()
    data.write_text("\n".join([rows[0], *["," * 4] * len(rows)]))
    words = ["new", str(model), "--data", str(data), "-o", str(tmp_path / "mine.toml")]
    assert cli.main(words) == 2
    told = capsys.readouterr().err.splitlines()[-1]
    assert "no column fits the input 'features'" in told
