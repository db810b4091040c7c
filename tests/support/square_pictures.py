"""What trials of tasks on pictures with coloured squares share: recipe, files and rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openvino as ov
import pytest

from ovtui import cli


def recipe_of(title: str, task: str, labels: Sequence[str]) -> str:
    """Returns a recipe for `model.xml` on `rows.py`, in which nothing is measured."""
    return f"""
schema = 1
title = "{title}"
task = "{task}"
samples = 4
[model]
source = "model.xml"
[data]
source = "rows.py:rows"
labels = {json.dumps(labels)}
preprocessing = {{ resize = [64, 64], fit = "letterbox" }}
calibration = {{ split = "train" }}
evaluation = {{ split = "test" }}
[measure]
latency = false
throughput = false
[[variants]]
name = "int8"
components.model = {{ method = "quantize" }}
"""


def with_accuracy_control(recipe: str) -> str:
    """Returns the recipe with a search of eight pictures instead of quantizing alone."""
    method = '{ method = "quantize_with_accuracy_control", max_drop = 0.01 }'
    recipe = recipe.replace('{ method = "quantize" }', method)
    return recipe.replace('{ split = "train" }', '{ split = "train", samples = 8 }')


def write(folder: Path, graph: ov.Model, rows: str, recipe: str) -> Path:
    """Writes model, rows and recipe; returns the recipe's path."""
    folder.mkdir(parents=True, exist_ok=True)
    ov.save_model(graph, folder / "model.xml", compress_to_fp16=False)
    (folder / "rows.py").write_text(rows)
    (folder / "recipe.toml").write_text(recipe)
    return folder / "recipe.toml"


def rows_of(text: str, split: str = "test") -> list[dict[str, Any]]:
    """Returns the rows that a `rows.py` makes."""
    space: dict[str, Any] = {}
    exec(text, space)
    made: list[dict[str, Any]] = space["rows"](split)
    return made


def with_wrong_rows(text: str, *wrong: str) -> str:
    """Returns a `rows.py` that changes its rows, `made`, by statements before it returns them."""
    text = text.replace("    return [picture", "    made = [picture")
    body = "\n".join(f"    {statement}" for statement in (*wrong, "return made"))
    return text.replace("for number in range(16)]\n", f"for number in range(16)]\n{body}\n", 1)


def ran(path: Path, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """Returns the result of a recipe that is run from the command line."""
    assert cli.main(["run", str(path), "--json", *words]) == 0
    return json.loads(capsys.readouterr().out)
