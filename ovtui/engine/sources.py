"""A model from where its recipe says it is: loaded, trusted or refused."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from ovtui.core.errors import SourceError, nearest
from ovtui.core.recipe import Recipe
from ovtui.core.source import (
    PICKLES,
    File,
    Folder,
    HubId,
    ModelSource,
    PythonFunction,
    TorchHub,
    model_source,
    resolve,
)
from ovtui.engine.offline import hub_errors
from ovtui.engine.python_function import call_function

_COMPANIONS = ("*.json", "*.txt", "*.model", "*.jinja")
_AUTO_CLASSES = {"image-classification": "AutoModelForImageClassification", "tensors": "AutoModel"}


def load_model(recipe: Recipe, base: Path) -> Any:
    """The model: a `torch.nn.Module`, or the path of an IR or ONNX file.

    Raises:
        SourceError: it cannot be read, or needs a trust that the recipe does not give.
    """
    source = model_source(recipe.model.source, base)
    match source:
        case File():
            return source.path
        case PythonFunction():
            built = call_function(source, recipe.model.source, **recipe.model.arguments)
            return _with_weights(_module(built, recipe.model.source), recipe, base)
        case TorchHub():
            built = _from_torch_hub(source, recipe)
            return _with_weights(_module(built, recipe.model.source), recipe, base)
        case Folder() | HubId():
            return _from_transformers(source, recipe)


def model_folder(source: ModelSource, revision: str | None) -> Path | None:
    """The local folder of a Hugging Face model, with its tokenizer and preprocessing files.

    Raises:
        SourceError: the model is on the hub, and the hub cannot be reached.
    """
    match source:
        case Folder():
            return source.path
        case HubId():
            from huggingface_hub import snapshot_download

            with hub_errors(source.name, "model"):
                return Path(
                    snapshot_download(
                        source.name,
                        revision=revision,
                        allow_patterns=list(_COMPANIONS),
                    )
                )
    return None


def copy_companions(recipe: Recipe, base: Path, folder: Path) -> None:
    """Copy what a runtime needs beside a Hugging Face model: configuration, tokenizer, …"""
    source = model_source(recipe.model.source, base)
    origin = model_folder(source, recipe.model.revision)
    if origin is None:
        return
    folder.mkdir()
    for pattern in _COMPANIONS:
        for path in origin.glob(pattern):
            if not path.name.endswith(".index.json"):
                shutil.copyfile(path, folder / path.name)


def _from_transformers(source: Folder | HubId, recipe: Recipe) -> Any:
    import transformers

    name = str(source.path) if isinstance(source, Folder) else source.name
    auto = getattr(transformers, _AUTO_CLASSES[recipe.task])
    if isinstance(source, Folder):
        _refuse_pickles(source.path, recipe)
    with hub_errors(name, "model"):
        try:
            return auto.from_pretrained(
                name,
                revision=recipe.model.revision,
                trust_remote_code=recipe.trust,
                use_safetensors=None if recipe.trust else True,
                local_files_only=isinstance(source, Folder),
                **recipe.model.arguments,
            )
        except Exception as error:
            text = str(error)
            if "trust_remote_code" in text or "custom code" in text:
                raise SourceError(
                    f"{name}: needs code from its repository; look at it, then allow it "
                    "with trust = true"
                ) from error
            if "safetensors" in text and "no file named" in text:
                raise SourceError(_pickle_refusal(name)) from error
            if isinstance(source, Folder):
                raise SourceError(f"{name}: cannot be loaded: {text.splitlines()[0]}") from error
            raise


def _refuse_pickles(folder: Path, recipe: Recipe) -> None:
    if recipe.trust or any(folder.glob("*.safetensors")):
        return
    pickles = sorted(path.name for path in folder.iterdir() if path.suffix in PICKLES)
    if pickles:
        raise SourceError(_pickle_refusal(f"{folder}/{pickles[0]}"))
    raise SourceError(f"{folder}: holds no weights (expected model.safetensors)")


def _pickle_refusal(name: str) -> str:
    return (
        f"{name}: pickled weights can run code when they are loaded; "
        "convert them to safetensors, or allow them with trust = true"
    )


def _from_torch_hub(source: TorchHub, recipe: Recipe) -> Any:
    import torch

    if not source.local and not recipe.trust:
        raise SourceError(
            f"{recipe.model.source}: runs code from a remote repository; look at it, "
            "then allow it with trust = true"
        )
    repository = source.repository
    if not source.local and recipe.model.revision:
        repository = f"{repository}:{recipe.model.revision}"
    with hub_errors(source.repository, "torch.hub repository"):
        try:
            return torch.hub.load(
                repository,
                source.entry,
                source="local" if source.local else "github",
                trust_repo=True,
                skip_validation=True,
                verbose=False,
                **recipe.model.arguments,
            )
        except RuntimeError as error:
            if "Cannot find callable" not in str(error):
                raise
            entries = torch.hub.list(
                repository,
                source="local" if source.local else "github",
                trust_repo=True,
                skip_validation=True,
            )
            raise SourceError(
                f"{recipe.model.source}: no entry {source.entry!r}, "
                f"{nearest(source.entry, entries)}"
            ) from error


def _module(built: Any, text: str) -> Any:
    import torch

    if not isinstance(built, torch.nn.Module):
        raise SourceError(f"{text}: expected a torch.nn.Module, found {type(built).__name__}")
    return built


def _with_weights(module: Any, recipe: Recipe, base: Path) -> Any:
    """The module with the recipe's weights loaded, upcast to its own dtypes."""
    if recipe.model.weights is None:
        return module
    path = resolve(recipe.model.weights, base)
    if not path.is_file():
        raise SourceError(f"model.weights: no such file ({path})")
    state = _read_weights(path, recipe.trust)
    try:
        module.load_state_dict(state)
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines()[1:] if line.strip()]
        detail = "; ".join(lines)[:300] or str(error)
        raise SourceError(f"{path.name}: these weights do not fit the model: {detail}") from error
    return module


def _read_weights(path: Path, trust: bool) -> dict[str, Any]:
    if path.suffix == ".safetensors":
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            return load_file(path)
        except (SafetensorError, OSError) as error:
            raise SourceError(f"{path}: damaged or truncated safetensors: {error}") from error
    if not trust:
        raise SourceError(_pickle_refusal(str(path)))
    import torch

    try:
        state = torch.load(path, map_location="cpu", weights_only=False)
    except Exception as error:
        raise SourceError(f"{path}: cannot be loaded: {str(error).splitlines()[0]}") from error
    return state.get("state_dict", state) if isinstance(state, dict) else state.state_dict()
