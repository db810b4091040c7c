"""A built-in recipe by its own ids, from the command line to a question, then without the hub."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ovtui import cli
from ovtui.core.runs import run_folder
from tests.hub.repositories import GLUE, MRPC
from tests.hub.server import Hub

QUICK = [
    "data.calibration.samples=8",
    "measure={ latency = false, throughput = false, tokens = 128 }",
    "baseline.pytorch=false",
]


def _run(capsys: pytest.CaptureFixture[str]) -> Any:
    words = [word for setting in QUICK for word in ("--set", setting)]
    status = cli.main(["run", "bert-mrpc", "--json", *words])
    captured = capsys.readouterr()
    assert status == 0, captured.err
    return json.loads(captured.out), captured.err


def test_a_recipe_of_the_hub(home: Path, hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    result, told = _run(capsys)
    assert f"download: {MRPC} (" in told and "0 B/" in told  # the size comes first
    model, evaluation, calibration = result["sources"]
    assert model["repository"] == MRPC and model["commit"] == hub.commit("models", MRPC)
    assert model["files"] == ["pytorch_model.bin"]
    assert evaluation["files"] == ["mrpc/validation-00000-of-00001.parquet"]
    assert calibration["repository"] == GLUE
    assert cli.main(["show", "last"]) == 0
    assert f"model: {MRPC} at {model['commit'][:10]}" in capsys.readouterr().out
    asked = len(hub.requests)
    assert cli.main(["predict", "last", "--text", "the dog sees", "--text", "a cat", "--json"]) == 0
    assert {"fp32", "int8"} <= set(json.loads(capsys.readouterr().out)["predictions"])
    assert len(hub.requests) == asked

    hub.busy = 10**6  # from now on it answers nobody
    again, _ = _run(capsys)
    assert again["sources"] == result["sources"]
    stages = {stage["name"]: stage["cached"] for stage in again["stages"]}
    assert stages["convert"] and stages["evaluation data"] and not stages["download"]
    assert any("the hub cannot be reached" in warning for warning in again["warnings"])
    assert next(run_folder.every()).result() is not None
