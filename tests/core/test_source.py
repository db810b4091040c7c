"""The strings that say where models and data come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovtui.core.recipes.source import (
    File,
    Folder,
    HubId,
    PythonFunction,
    TorchHub,
    data_source,
    model_source,
    resolve,
)
from ovtui.core.text.errors import SourceError


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A folder with one of each."""
    for name in ("m.xml", "m.onnx", "w.safetensors", "w.pt", "f.py", "d.csv", "d.tsv", "d.npz"):
        (tmp_path / name).touch()
    for name in ("d.jsonl", "d.parquet", "d.pkl", "notes.txt", "net.tflite"):
        (tmp_path / name).touch()
    for folder, file in (("hf", "config.json"), ("hub", "hubconf.py"), ("empty", "x")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / file).touch()
    return tmp_path


def test_every_kind_of_model_is_recognised(base: Path) -> None:
    expected = {
        "m.xml": File(base / "m.xml", "openvino"),
        "m.onnx": File(base / "m.onnx", "onnx"),
        f"{base}/m.xml": File(base / "m.xml", "openvino"),
        "hf": Folder(base / "hf"),
        "f.py:build": PythonFunction(base / "f.py", "build"),
        "openai/whisper-tiny": HubId("openai/whisper-tiny"),
        "gpt2": HubId("gpt2"),
        "hf:hf": HubId("hf"),
        "torch.hub:pytorch/vision:resnet18": TorchHub("pytorch/vision", "resnet18", local=False),
        "torch.hub:hub:net": TorchHub(str(base / "hub"), "net", local=True),
    }
    assert {text: model_source(text, base) for text in expected} == expected


def test_every_kind_of_data_is_recognised(base: Path) -> None:
    expected = {
        "d.csv": File(base / "d.csv", "csv"),
        "d.tsv": File(base / "d.tsv", "csv"),
        "d.jsonl": File(base / "d.jsonl", "json"),
        "d.parquet": File(base / "d.parquet", "parquet"),
        "d.npz": File(base / "d.npz", "npz"),
        "empty": Folder(base / "empty"),
        "f.py:rows": PythonFunction(base / "f.py", "rows"),
        "uoft-cs/cifar10": HubId("uoft-cs/cifar10"),
    }
    assert {text: data_source(text, base) for text in expected} == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("none.xml", "no such file"),
        ("none/none.onnx", "no such file"),
        ("./none", "no such file or folder"),
        ("/none/at/all", "no such file or folder"),
        ("a/b/c", "no such file or folder"),
        ("empty", "needs a config.json"),
        ("notes.txt", "expected an .xml (IR) or .onnx file, a Hugging Face folder, or file.py"),
        ("net.tflite", "`ovc net.tflite` of OpenVINO makes an IR of it; name its .xml"),
        ("w.pt", "weights alone are no model"),
        ("f.py", "name the function as well, as in f.py:build"),
        ("f.py:not a name", "'not a name' is not the name of a function"),
        ("none.py:build", "no such file"),
        ("torch.hub:vision:net", "expected OWNER/NAME"),
        ("torch.hub:vision:", "expected torch.hub:REPOSITORY:ENTRY"),
        ("torch.hub:empty:net", "has no hubconf.py"),
        ("torch.hub:./none:net", "no such folder"),
        ("two words", "neither an existing path nor a hub id"),
        ("", "config.json"),
        ("https://download.pytorch.org/tutorial/MRPC.zip", "download it, unpack it and name the"),
        ("MRPC.zip", "an archive is not read; unpack it and name the folder"),
        ("https://huggingface.co/openai/whisper-base/tree/main", "as in openai/whisper-base"),
        ("http://some.where/model.onnx", "an address is not read; download it"),
    ],
)
def test_what_is_no_model_is_told(base: Path, text: str, told: str) -> None:
    with pytest.raises(SourceError) as caught:
        model_source(text, base)
    assert told in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("none.csv", "no such file"),
        ("d.pkl", "pickled data is not read"),
        ("f.py", "name the function as well"),
        ("~/none/at/all", "no such file or folder"),
        ("notes.txt", "used here: expected .csv, .tsv, .json, .jsonl, .parquet or .npz"),
        ("what?", "neither an existing path nor a hub id"),
        ("https://huggingface.co/datasets/nyu-mll/glue", "name it by its id, as in nyu-mll/glue"),
        ("data.tar.gz", "an archive is not read; unpack it"),
    ],
)
def test_what_is_no_data_is_told(base: Path, text: str, told: str) -> None:
    with pytest.raises(SourceError) as caught:
        data_source(text, base)
    assert told in str(caught.value) and "\n" not in str(caught.value)


def test_paths_start_from_the_recipe_s_folder(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    assert resolve("hf/../m.xml", base) == base / "m.xml"
    assert resolve("~/m.xml", base) == Path("/home/somebody/m.xml")
    assert resolve("/m.xml", base) == Path("/m.xml")
