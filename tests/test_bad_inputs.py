"""Wrong words, recipes and files that are refused before anything starts: one line, status 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovtui import cli
from ovtui.core.runs import run_folder


def _refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    status = cli.main(words)
    captured = capsys.readouterr()
    assert status == 2
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 1, captured.err
    assert lines[0].startswith("ovtui: ")
    assert list(run_folder.every()) == []
    return lines[0]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["rum", "x"], ["'rum'", "did you mean"]),
        (["run"], ["recipe", "--help"]),
        (["run", "x", "--devise", "CPU"], ["--devise", "did you mean '--device'?"]),
        (["run", "nosuchrecipe"], ["no recipe 'nosuchrecipe'", ".toml"]),
        (["run", "nosuch.toml"], ["nosuch.toml", "no such recipe file"]),
        (["run", "folder/nosuch"], ["folder/nosuch", "no such recipe file"]),
        (["bench", "nosuch.xml"], ["nosuch.xml", "no such file"]),
        (["bench", "pyproject.toml"], ["pyproject.toml", ".onnx"]),
        (["bench", "x.xml", "--seconds", "-1"], ["'-1'", "above zero"]),
        (["bench", "x.xml", "--shape", "a=1,b"], ["'a=1,b'", "1,3,224,224"]),
        (["bench", "x.xml", "--hint", "fast"], ["fast", "latency"]),
        (["show", "nosuchrun"], ["no run 'nosuchrun'", "ovtui runs"]),
        (["watch", "last"], ["no runs yet", "ovtui demo"]),
        (["cancel", "nosuchrun"], ["no run 'nosuchrun'"]),
        (["compare", "/nowhere"], ["/nowhere", "not a run folder"]),
    ],
)
def test_wrong_words(
    home: Path, capsys: pytest.CaptureFixture[str], words: list[str], expected: list[str]
) -> None:
    message = _refused(capsys, *words)
    assert [part for part in expected if part not in message] == []


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("data.calibraton.split=x", ["data.calibraton", "did you mean 'calibration'?"]),
        ("variants.int8.components.model.presett=mixed", ["model.presett", "'preset'"]),
        ("variants.int8.components.model.method=quantise", ["'quantise'", "'quantize'"]),
        ("variants.int4.components.model.method=none", ["no 'int4' in variants", "'int8'"]),
        ("variants.int8.name=fp32", ["'fp32'", "baseline"]),
        ("variants.int8.name=a/b", ["variants[a/b].name", "found 'a/b'"]),
        ('variants.int8.name="a\\n"', ["name", r"found 'a\n'"]),
        ("task=image-clasification", ["task", "did you mean 'image-classification'?"]),
        ("data.calibration.samples=many", ["data.calibration.samples", "whole number", "'many'"]),
        ("data.calibration.samples=0", ["data.calibration.samples", "at least 1", "found 0"]),
        ("data.calibration.samples=true", ["data.calibration.samples", "whole number"]),
        ("data.calibration.split=all[a:b]", ["data.calibration.split", "'all[a:b]'"]),
        ("data.evaluation.split=", ["data.evaluation.split", "found ''"]),
        ("max_drop=-1", ["max_drop", "at least 0"]),
        ("measure.seconds=inf", ["measure.seconds", "finite"]),
        ("max_drop=nan", ["max_drop", "finite"]),
        ("max_drop=5", ["max_drop", "at most 1, found 5", "accuracy is between 0 and 1"]),
        ("metric=wer", ["metric", "'wer' does not judge", "accuracy"]),
        ('also=["cosine"]', ["also", "'cosine' does not judge", "agreement"]),
        ("data.evaluation.split=test", ["data.evaluation.split", "one split, 'all'", "'test'"]),
        ("variants.int8.components.head={ method = 'none' }", ["head", "valid are model"]),
        ("model.dynamic={ x = [1] }", ["model.dynamic", "of the task 'tensors'"]),
        ("baseline.pytorch=true", ["baseline.pytorch", "no PyTorch model"]),
        ("task=tensors", ["data.columns", "every model input"]),
        ("schema=2", ["schema", "1"]),
        ("variants=[]", ["variants", "at least 1"]),
        ("model.source=code.py", ["model.source", "name the function as well"]),
        ("model.source=nosuch.py:f", ["model.source", "nosuch.py", "no such file"]),
        ("model.source=nosuch.xml", ["model.source", "nosuch.xml", "no such file"]),
        ("model.source=nosuch.onnx", ["model.source", "nosuch.onnx", "no such file"]),
        ("model.source=./nosuch", ["model.source", "no such file or folder"]),
        ("model.source=weights.pt", ["model.source", "weights alone are no model"]),
        ("model.source=torch.hub:x", ["model.source", "torch.hub:REPOSITORY:ENTRY"]),
        ("model.source=torch.hub:./nosuch:f", ["model.source", "no such folder"]),
        ("model.source=.", ["model.source", "config.json"]),
        ("model.weights=w.safetensors", ["model.weights", "whole model"]),
        ("model.arguments.classes=3", ["model.arguments", "whole model"]),
        ("data.source=nosuch.npz", ["data.source", "nosuch.npz", "no such file"]),
        ("data.source=nosuch.csv", ["data.source", "nosuch.csv", "no such file"]),
        ("data.source=x.pkl", ["data.source", "pickled data is not read"]),
        ("data.source=a/b/c", ["data.source", "no such file or folder"]),
        ("data.evaluation.source=nosuch.npz", ["data.evaluation.source", "no such file"]),
        ("nonsense", ["--set nonsense", "KEY=VALUE"]),
        ("title.x=1", ["--set title.x=1", "not a table"]),
    ],
)
def test_wrong_settings_name_the_key(
    home: Path, tiny: Path, capsys: pytest.CaptureFixture[str], setting: str, expected: list[str]
) -> None:
    message = _refused(capsys, "run", str(tiny), "--set", setting)
    assert [part for part in expected if part not in message] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["missing"]),
        ("title = ", ["not valid TOML"]),
        ("schema = 1\nschema = 1", ["not valid TOML"]),
        ("[model]\nsauce = 'x'", ["model.sauce", "did you mean 'source'?"]),
        ("model = 3", ["model", "expected a table, found 3"]),
    ],
)
def test_wrong_recipe_files(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, expected: list[str]
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    message = _refused(capsys, "run", str(path))
    assert [part for part in [str(path), *expected] if part not in message] == []


def test_a_recipe_that_is_no_text(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(bytes(range(256)))
    assert "cannot be read" in _refused(capsys, "run", str(path))


def test_weights_that_a_function_is_given(
    home: Path, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for text, expected in (("w.safetensors", "no such file"), ("model.xml", ".safetensors")):
        settings = ["--set", "model.source=code.py:rows", "--set", f"model.weights={text}"]
        message = _refused(capsys, "run", str(tiny), *settings)
        assert "model.weights" in message
        assert expected in message


def test_another_model_keeps_what_is_set_inside_it(
    home: Path, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["run", str(tiny), "--model", str(tiny.parent / "model.xml")]
    assert "model.weights" in _refused(capsys, *words, "--set", "model.weights=w.safetensors")


def test_a_device_that_is_not_there(
    home: Path, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = _refused(capsys, "run", str(tiny), "--device", "GPU.7")
    assert "device 'GPU.7'" in message
    assert "CPU" in message


def test_hostile_names_are_shown_as_text(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = _refused(capsys, "run", "\x1b[31m[bold]x\n\u202e.toml")
    assert r"\x1b[31m[bold]x\n" in message
    assert "\x1b" not in message
    assert "\u202e" not in message


def test_a_home_that_cannot_be_written(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OVTUI_HOME", "/proc/nowhere")
    message = _refused(capsys, "run", str(tiny))
    assert "OVTUI_HOME" in message
    assert "/proc/nowhere" in message
