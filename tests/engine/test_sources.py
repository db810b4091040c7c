"""Models of every kind of source, and what is refused without `trust = true`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.placed_recipe import placed
from ovtui.core.text.errors import SourceError, causes
from ovtui.engine.conversion.collect import open_samples
from ovtui.engine.models.sources import load_model
from ovtui.engine.run.stage_process import explain
from tests.support.tiny import CLASSES, cut

NET = """
import torch

def net(classes=4):
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.Flatten(), torch.nn.LazyLinear(4))

def linear(classes=4):
    torch.manual_seed(0)
    return torch.nn.Linear(8, classes)
"""
REMOTE_CODE = "raise SystemExit('remote code was run')"


@pytest.fixture(scope="module")
def hugging_face(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny image classifier in Hugging Face layout; not to be changed."""
    folder = tmp_path_factory.mktemp("hugging_face") / "resnet"
    names = dict(enumerate(CLASSES))
    config = transformers.ResNetConfig(
        embedding_size=8,
        hidden_sizes=[8],
        depths=[1],
        layer_type="basic",
        id2label=names,
        label2id={name: index for index, name in names.items()},
    )
    torch.manual_seed(0)
    transformers.ResNetForImageClassification(config).save_pretrained(folder)
    processor = {
        "image_processor_type": "ConvNextImageProcessor",
        "size": {"shortest_edge": 32},
        "crop_pct": 1.0,
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(processor))
    return folder


@pytest.fixture
def folder(hugging_face: Path, tiny: Path) -> Path:
    """The Hugging Face folder, beside the recipe and this test's own."""
    return Path(shutil.copytree(hugging_face, tiny.parent / "hf"))


@pytest.fixture
def code(tiny: Path) -> Path:
    """`net.py` and a local torch.hub repository, beside the recipe."""
    (tiny.parent / "net.py").write_text(NET)
    repository = tiny.parent / "repository"
    repository.mkdir()
    (repository / "hubconf.py").write_text(f"dependencies = ['torch']\n{NET}")
    return tiny.parent


def _load(recipe: Path, *settings: str) -> Any:
    return load_model(placed(recipes.load(recipe, list(settings)), recipe.parent))


def _refused(recipe: Path, expected: str, *settings: str) -> None:
    with pytest.raises(SourceError) as caught:
        _load(recipe, *settings)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def _first_sample(recipe: Path) -> dict[str, Any]:
    loaded = recipes.load(recipe, ["model.source=hf"])
    selection, task = open_samples(placed(loaded, recipe.parent), "calibration", references=False)
    return task.inputs(next(iter(selection))[1])


def _edit(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_files_are_left_to_openvino(tiny: Path) -> None:
    assert _load(tiny) == tiny.parent / "model.xml"


def test_a_hugging_face_folder_with_its_own_preprocessing(tiny: Path, folder: Path) -> None:
    assert isinstance(_load(tiny, "model.source=hf"), torch.nn.Module)
    assert _first_sample(tiny)["pixel_values"].shape == (1, 3, 32, 32)


def test_a_function_with_weights_and_arguments(tiny: Path, code: Path) -> None:
    save_file({"weight": torch.ones(3, 8), "bias": torch.zeros(3)}, code / "w.safetensors")
    settings = ("model.source=net.py:linear", "model.arguments.classes=3")
    module = _load(tiny, *settings, "model.weights=w.safetensors")
    assert module.weight.sum() == 24


def test_a_local_torch_hub_repository(tiny: Path, code: Path) -> None:
    module = _load(tiny, "model.source=torch.hub:repository:linear", "model.arguments.classes=3")
    assert module.out_features == 3


class _Object:
    """Anything that is no tensor."""


def test_pickled_tensors_are_read_and_objects_need_trust(tiny: Path, code: Path) -> None:
    weights = {"weight": torch.ones(4, 8), "bias": torch.zeros(4)}
    settings = ("model.source=net.py:linear", "model.weights=w.pt")
    torch.save(weights, code / "w.pt")
    assert _load(tiny, *settings).weight.sum() == 32
    torch.save({"state_dict": weights, "made by": _Object()}, code / "w.pt")
    _refused(tiny, "w.pt: damaged, or pickled weights with more than tensors", *settings)
    assert _load(tiny, *settings, "trust=true").weight.sum() == 32


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("net.py:linar", "no function 'linar', did you mean 'linear'?"),
        ("code.py:raises", r"it raised RuntimeError: boom"),
        ("code.py:leaves", "it raised SystemExit: 3"),
        ("code.py:a_number", "expected a torch.nn.Module, found int"),
        ("torch.hub:repository:linar", "no entry 'linar', did you mean 'linear'?"),
        ("torch.hub:owner/name:net", "allow it with trust = true"),
    ],
)
def test_code_that_does_not_give_a_module(
    tiny: Path, code: Path, source: str, expected: str
) -> None:
    _refused(tiny, expected, f"model.source={source}")


def test_arguments_that_a_function_does_not_take(tiny: Path, code: Path) -> None:
    for source in ("net.py:linear", "torch.hub:repository:linear"):
        settings = (f"model.source={source}", "model.arguments.clases=3")
        _refused(tiny, "it raised TypeError", *settings)


def test_a_repository_with_missing_packages(tiny: Path, code: Path) -> None:
    path = code / "repository" / "hubconf.py"
    path.write_text(path.read_text().replace("['torch']", "['no_such_package']"))
    _refused(tiny, "Missing dependencies: no_such_package", "model.source=torch.hub:repository:net")


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"weight": (4, 8)}, 'Missing key(s) in state_dict: "bias"'),
        ({"weight": (4, 8), "bias": (4,), "more": (1,)}, 'Unexpected key(s) in state_dict: "more"'),
        ({"weight": (5, 8), "bias": (5,)}, "size mismatch for weight"),
    ],
)
def test_weights_that_do_not_fit(
    tiny: Path, code: Path, state: dict[str, tuple[int, ...]], expected: str
) -> None:
    save_file({name: torch.zeros(shape) for name, shape in state.items()}, code / "w.safetensors")
    settings = ("model.source=net.py:linear", "model.weights=w.safetensors")
    _refused(tiny, expected, *settings)


@pytest.mark.parametrize("keep", [0, 0.05, 0.5])
def test_truncated_safetensors(tiny: Path, code: Path, keep: float) -> None:
    path = code / "w.safetensors"
    save_file({"weight": torch.zeros(4, 8), "bias": torch.zeros(4)}, path)
    cut(path, keep)
    settings = ("model.source=net.py:linear", "model.weights=w.safetensors")
    _refused(tiny, "w.safetensors: damaged or truncated", *settings)


def test_only_pickled_weights_in_a_folder(tiny: Path, folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save(weights, folder / "pytorch_model.bin")
    assert isinstance(_load(tiny, "model.source=hf"), torch.nn.Module)
    torch.save(weights | {"made by": _Object()}, folder / "pytorch_model.bin")
    _refused(tiny, "pytorch_model.bin: damaged, or pickled weights", "model.source=hf")


def test_a_link_to_weights_that_are_gone(tiny: Path, folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").symlink_to("../blobs/gone")
    expected = "model.safetensors: is a link to a file that is gone (../blobs/gone)"
    _refused(tiny, expected, "model.source=hf")


def test_no_weights_in_a_folder(tiny: Path, folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    _refused(tiny, "holds no weights", "model.source=hf")


def test_weights_that_lack_a_part_of_the_model(tiny: Path, folder: Path) -> None:
    path = folder / "model.safetensors"
    state = load_file(path)
    kept = {name: value for name, value in state.items() if "classifier" not in name}
    save_file(kept, path, metadata={"format": "pt"})
    _refused(tiny, "holds no weights for classifier.1.bias", "model.source=hf")


def test_truncated_weights_in_a_folder(tiny: Path, folder: Path) -> None:
    cut(folder / "model.safetensors")
    _refused(tiny, "cannot be loaded: SafetensorError", "model.source=hf")


def test_another_kind_of_model_in_a_folder(tiny: Path, folder: Path) -> None:
    _edit(folder / "config.json", model_type="bert")
    _refused(tiny, "BertConfig", "model.source=hf")


@pytest.mark.parametrize("name", ["config.json", "preprocessor_config.json"])
def test_damaged_configuration(tiny: Path, folder: Path, name: str) -> None:
    cut(folder / name)
    with pytest.raises(SourceError, match=f"hf/{name}: damaged JSON"):
        _first_sample(tiny)


def test_code_in_a_folder_is_not_run(tiny: Path, folder: Path) -> None:
    (folder / "code.py").write_text(REMOTE_CODE)
    classes = {"AutoConfig": "code.C", "AutoModelForImageClassification": "code.M"}
    _edit(folder / "config.json", model_type="mine", auto_map=classes)
    _refused(tiny, "needs code from its repository", "model.source=hf")


def test_code_of_a_processor_is_not_run(tiny: Path, folder: Path) -> None:
    (folder / "code.py").write_text(REMOTE_CODE)
    classes = {"AutoImageProcessor": "code.P"}
    _edit(folder / "preprocessor_config.json", image_processor_type="P", auto_map=classes)
    with pytest.raises(SourceError, match="needs code from its repository, which is not run"):
        _first_sample(tiny)


def test_a_folder_without_preprocessing(tiny: Path, folder: Path) -> None:
    (folder / "preprocessor_config.json").unlink()
    with pytest.raises(SourceError, match=r"no preprocessor_config.json; give \[data"):
        _first_sample(tiny)


def test_weights_that_do_not_load_are_told_and_not_followed_for_ever(
    tiny: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: Any, **__: Any) -> Any:
        error = OSError("no such thing")
        raise error from error

    monkeypatch.setattr(transformers.AutoModelForImageClassification, "from_pretrained", breaks)
    with pytest.raises(SourceError) as caught:
        _load(tiny, "model.source=hf")
    assert len(list(causes(caught.value))) == 2
    assert explain(caught.value)[0].kind == "input"


def test_an_unknown_kind_of_model_that_brings_code_asks_for_trust(tiny: Path) -> None:
    folder = tiny.parent / "own"
    folder.mkdir()
    table = {"model_type": "mine", "auto_map": {"AutoModelForImageClassification": "code.X"}}
    (folder / "config.json").write_text(json.dumps(table))
    save_file({"weight": torch.zeros(1)}, folder / "model.safetensors")
    _refused(tiny, "allow it with trust = true", "model.source=own")
