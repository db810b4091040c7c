"""A model from where its recipe says it is: loaded, trusted or refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.recipes.source import (
    File,
    Folder,
    HubId,
    ModelSource,
    PythonFunction,
    TorchHub,
    resolve,
)
from ovtui.core.text.errors import SourceError, causes, error_in_words, nearest, reason
from ovtui.engine.hub.model_config import check_config, is_ctc, read_object
from ovtui.engine.hub.offline import hub_errors, limited_patience
from ovtui.engine.hub.python_function import call_function, callables, load_module
from ovtui.engine.hub.repository import again, open_repository
from ovtui.engine.hub.weights import Weights, weights_of

if TYPE_CHECKING:
    import torch
    from transformers import PretrainedConfig, PreTrainedModel

_FETCHED = ("*.json", "*.txt", "*.model", "*.spm", "*.codes", "*.jinja")
SMALL_FILES = (*_FETCHED, "[0-9]_*/*.safetensors")
"""Patterns of what a model's repository has beside its weights."""
_REFUSED = "Weights only load failed"
"""How PyTorch's refusal begins where it may read tensors alone."""


def load_model(asked: PlacedRecipe) -> torch.nn.Module | Path:
    """Loads a recipe's model: a `torch.nn.Module`, or the path of an IR or ONNX file.

    Raises:
        SourceError: it cannot be read, or needs a trust that the recipe does not give.
    """
    recipe, source = asked.recipe, asked.model_source()
    match source:
        case File():
            return source.path
        case PythonFunction():
            built = call_function(source, recipe.model.source, **recipe.model.arguments)
            return _with_weights(_module(built, recipe.model.source), asked)
        case TorchHub():
            built = _from_torch_hub(source, recipe)
            return _with_weights(_module(built, recipe.model.source), asked)
        case Folder() | HubId():
            return _from_transformers(source, recipe)


def model_folder(source: ModelSource, revision: str | None) -> Path | None:
    """Finds the local folder of a Hugging Face model, with its tokenizer and processor.

    Returns:
        None for a model that is no repository of transformers.

    Raises:
        SourceError: the model is on the hub, and the hub cannot be reached.
    """
    match source:
        case Folder():
            check_config(source.path)
            return source.path
        case HubId():
            with hub_errors(source.name, "model"):
                folder = open_repository("model", source.name, revision, SMALL_FILES).folder
            check_config(folder)
            return folder
    return None


def folder_of_model(asked: PlacedRecipe) -> Path | None:
    """Returns the folder of a recipe's model; None where `model_folder` returns None."""
    return model_folder(asked.model_source(), asked.recipe.model.revision)


def _from_transformers(source: Folder | HubId, recipe: Recipe) -> PreTrainedModel:
    import transformers

    name = str(source.path) if isinstance(source, Folder) else source.name
    folder, weights = _weights(source, recipe, name)
    how: dict[str, bool] = {
        "trust_remote_code": recipe.trust,
        "local_files_only": not recipe.trust,  # code may come from a repository of its own
    }
    try:
        config = None
        if recipe.task_info.ctc_class:
            config = read_config(folder, trust=recipe.trust, download=recipe.trust)
        auto = auto_class(recipe, config)
        model, loading = auto.from_pretrained(
            folder,
            **how,
            use_safetensors=weights.safetensors,
            # PyTorch then reads tensors and nothing else: no code of the file runs.
            weights_only=not recipe.trust,
            output_loading_info=True,
            # What is stored in 16 bits is calculated with in 32, as every baseline.
            **{"dtype": "float32", **recipe.model.arguments},
        )
    except Exception as error:
        raise SourceError(_load_error(name, folder, weights, error)) from error
    missing = sorted(loading["missing_keys"])
    generates = model.can_generate()
    if generates:  # a decoder reads states, never what an encoder's pooler makes
        missing = [name for name in missing if "pooler" not in name.split(".")]
    # A model without a head may lack a part that its outputs do not need, as BERT its pooler.
    if missing and auto is not transformers.AutoModel:
        raise SourceError(
            f"{name}: holds no weights for {', '.join(missing[:4])} ({len(missing)} missing): "
            f"they would be random; this is no trained model for {recipe.task}"
        )
    if not generates:
        _without_cache(model.config)
    return model


def _weights(source: Folder | HubId, recipe: Recipe, name: str) -> tuple[Path, Weights]:
    """The folder to load a model from, and its weights there."""
    if isinstance(source, Folder):
        return source.path, local_weights(source.path, recipe)
    with hub_errors(name, "model"):
        repository = open_repository("model", name, recipe.model.revision, small_files(recipe))
        weights = weights_of(name, repository.files, recipe.model.arguments)
        repository.fetch(weights.files)
        _check_index(repository.folder, recipe)
    return repository.folder, weights


def local_weights(folder: Path, recipe: Recipe) -> Weights:
    """Returns the weights in a model's folder.

    Raises:
        SourceError: there are none, or they lead out of the folder or to nothing.
    """
    files = [path for path in folder.rglob("*") if path.is_file() or path.is_symlink()]
    names = [path.relative_to(folder).as_posix() for path in files]
    _check_index(folder, recipe)
    weights = weights_of(str(folder), names, recipe.model.arguments)
    for file in weights.files:
        _check_link(folder / file)
    return weights


def _check_link(path: Path) -> None:
    """Refuses a link to nothing, which transformers takes for weights that were never there."""
    if path.is_symlink() and not path.exists():
        raise SourceError(
            f"{path}: is a link to a file that is gone ({path.readlink()}); "
            "fetch or copy the model again"
        )


def small_files(recipe: Recipe) -> list[str]:
    """Returns patterns of what is fetched of a model's repository whatever its weights are."""
    return [*SMALL_FILES, "*.py"] if recipe.trust else list(SMALL_FILES)


def auto_class(recipe: Recipe, config: PretrainedConfig | None = None) -> type[PreTrainedModel]:
    """Returns the class of transformers that loads the recipe's model: the named one, or its
    task's.

    Args:
        recipe: with the task.
        config: the model's, an object or a dict, where a task has models of two kinds.

    Raises:
        SourceError: transformers has no model class of that name.
    """
    import transformers

    name = recipe.model.class_
    if name is None:
        task = recipe.task_info
        ctc = task.ctc_class and config and is_ctc(config)
        return getattr(transformers, task.ctc_class if ctc else task.auto_class)
    loader = getattr(transformers, name, None)
    if isinstance(loader, type) and issubclass(loader, transformers.PreTrainedModel):
        return loader
    family = re.split("For|Model|Config", name)[0]
    known = [it for it in dir(transformers) if it.startswith(family) and "Config" not in it]
    raise SourceError(
        f"model.class: transformers has no model class {name!r}, {nearest(name, known)}"
    )


def read_config(
    folder: Path, *, trust: bool = False, download: bool = False, **arguments: Any
) -> PretrainedConfig:
    """Returns the configuration of a Hugging Face model.

    Args:
        folder: of the model.
        trust: code that it brings may run.
        download: such code may come from a repository of its own.
        arguments: that a recipe gives the model.

    Raises:
        OSError: there is no `config.json` that can be read.
        ValueError: transformers does not know the architecture, or the code is not trusted.
    """
    from transformers import AutoConfig

    return AutoConfig.from_pretrained(
        folder, trust_remote_code=trust, local_files_only=not download, **arguments
    )


def named_configuration(recipe: Recipe, folder: Path | None) -> PretrainedConfig | None:
    """Returns the configuration that the named class reads in a folder; None where no class is
    named.
    """
    if recipe.model.class_ is None or folder is None:
        return None
    return auto_class(recipe).config_class.from_pretrained(folder, local_files_only=True)


def _without_cache(config: PretrainedConfig) -> None:
    """Has a model that generates nothing return no keys and values: GPT-2 as a classifier does."""
    for part in (config, *(getattr(config, name, None) for name in config.sub_configs)):
        if getattr(part, "use_cache", False):
            part.use_cache = False


def _load_error(name: str, folder: Path, weights: Weights, error: Exception) -> str:
    """What to tell instead of a transformers error."""
    text = " ".join(str(cause) for cause in causes(error, contexts=True))
    unknown = "does not recognize this architecture" in text
    if "trust_remote_code" in text or "custom code" in text or (unknown and _brings_code(folder)):
        return (
            f"{name}: needs code from its repository; look at it, then allow it with trust = true"
        )
    if _REFUSED in text:
        return _pickle_refusal(f"{name}/{weights.files[0]}")
    if "Unrecognized configuration class" in text:
        return f"{name}: {str(error).splitlines()[0]}"  # the next one lists all classes
    if "model_type" in text:
        return (
            f"{name}: its config.json does not say what kind of model it is (no model_type); name "
            'the class of transformers, as in model.class = "BertForSequenceClassification"'
        )
    return f"{name}: cannot be loaded: {error_in_words(error)}"


def _brings_code(folder: Path) -> bool:
    """Returns whether a model's configuration names classes of its own repository."""
    try:
        return "auto_map" in read_object(folder / "config.json")
    except SourceError:
        return False


def _check_index(folder: Path, recipe: Recipe) -> None:
    """Refuses an index of safetensors that names anything but safetensors files of the folder."""
    index = folder / "model.safetensors.index.json"
    try:
        names = {str(name) for name in read_object(index).get("weight_map", {}).values()}
    except AttributeError as error:
        raise SourceError(f"{index}: damaged: {error_in_words(error)}") from error
    for name in sorted(names):
        if Path(name).name != name:
            raise SourceError(f"{index}: {name!r} is not a file of the model's folder")
        if not name.endswith(".safetensors") and not recipe.trust:
            raise SourceError(
                f"{index}: names {name!r}, which is no safetensors file and can run code when it "
                "is loaded; allow it with trust = true"
            )
        if not (folder / name).is_file():
            raise SourceError(f"{folder}/{name}: is missing, {index.name} names it")


def _pickle_refusal(name: str) -> str:
    return (
        f"{name}: damaged, or pickled weights with more than tensors in them, which can run code "
        "when they are loaded; convert them to safetensors, or allow them with trust = true"
    )


def _from_torch_hub(source: TorchHub, recipe: Recipe) -> torch.nn.Module:
    import torch

    if not source.local and not recipe.trust:
        raise SourceError(
            f"{recipe.model.source}: runs code from a remote repository; look at it, "
            "then allow it with trust = true"
        )
    repository, origin = source.repository, "local" if source.local else "github"
    if not source.local and recipe.model.revision:
        repository = f"{repository}:{recipe.model.revision}"
    with hub_errors(source.repository, "torch.hub repository"), limited_patience():
        try:
            return again(
                lambda: torch.hub.load(
                    repository,
                    source.entry,
                    source=origin,
                    trust_repo=True,
                    skip_validation=True,
                    verbose=False,
                    **recipe.model.arguments,
                )
            )
        except Exception as error:
            if "Cannot find callable" in str(error):
                raise SourceError(_no_entry(source, repository, recipe.model.source)) from error
            if source.local:
                raise SourceError(
                    f"{recipe.model.source}: it raised {error_in_words(error)}"
                ) from error
            raise


def _no_entry(source: TorchHub, repository: str, text: str) -> str:
    import torch

    if source.local:
        known = callables(load_module(Path(repository) / "hubconf.py"))
    else:
        known = torch.hub.list(repository, skip_validation=True, trust_repo=True, verbose=False)
    return f"{text}: no entry {source.entry!r}, {nearest(source.entry, known)}"


def _module(built: Any, text: str) -> torch.nn.Module:
    """A module to be asked, not trained, and in float32 where its weights are of half precision.

    As checkpoints of transformers are loaded: every value of half precision is a float32 as well.

    Raises:
        SourceError: it is no module.
    """
    import torch

    if not isinstance(built, torch.nn.Module):
        raise SourceError(f"{text}: expected a torch.nn.Module, found {type(built).__name__}")
    built = getattr(built, "_orig_mod", built)  # what torch.compile was given
    halves = (torch.float16, torch.bfloat16)
    if any(parameter.dtype in halves for parameter in (*built.parameters(), *built.buffers())):
        built = built.float()
    return built.eval()  # a normalization that trains would learn from the sample that it is shown


def _with_weights(module: torch.nn.Module, asked: PlacedRecipe) -> torch.nn.Module:
    """Loads the recipe's weights into the module, upcast to its own dtypes."""
    recipe = asked.recipe
    if recipe.model.weights is None:
        return module
    path = resolve(recipe.model.weights, asked.place)
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


def _read_weights(path: Path, trust: bool) -> dict[str, torch.Tensor]:
    if path.suffix.lower() == ".safetensors":
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            return load_file(path)
        except (SafetensorError, OSError) as error:
            raise SourceError(
                f"{path}: damaged or truncated safetensors: {reason(error)}"
            ) from error
    import torch

    try:
        state = torch.load(path, map_location="cpu", weights_only=not trust)
    except Exception as error:
        if _REFUSED in str(error):
            raise SourceError(_pickle_refusal(str(path))) from error
        raise SourceError(f"{path}: cannot be loaded: {str(error).split('. ')[0]}") from error
    return state.get("state_dict", state) if isinstance(state, dict) else state.state_dict()
