"""A model's configuration, looked at before a library acts on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ovtui.core.files.reading import JsonObject, read_regular
from ovtui.core.text.errors import SourceError, reason

if TYPE_CHECKING:
    from transformers import PretrainedConfig

_MOST_LAYERS = 1000
"""The deepest transformer that was published has so many (DeepNet, Wang et al. 2022)."""
_MOST_BYTES = 64 * 2**20


def read_object(path: Path) -> JsonObject:
    """Returns the JSON object that a file of a model's folder holds; empty where there is no such
    file.

    Raises:
        SourceError: the file cannot be read, or holds something else.
    """
    try:
        document = json.loads(read_regular(path, _MOST_BYTES))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except RecursionError:
        raise SourceError(f"{path}: damaged JSON: nested too deeply") from None
    except ValueError as error:
        raise SourceError(f"{path}: damaged JSON: {error}") from error
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {reason(error)}") from error
    if not isinstance(document, dict):
        raise SourceError(f"{path}: expected a JSON object")
    return document


def modules_of(folder: Path) -> list[tuple[str, str]]:
    """Returns the path and type of what a sentence-transformers model is made of; nothing where it
    is no such.

    Args:
        folder: with `modules.json`, which may be foreign: a path may lead nowhere else.
    """
    try:
        listed = json.loads(read_regular(folder / "modules.json", _MOST_BYTES))
        modules = [(str(module["path"]), str(module["type"])) for module in listed]
        return [(name, kind) for name, kind in modules if _is_inside(name, folder)]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return []


def _is_inside(name: str, folder: Path) -> bool:
    """Whether this is the name of a folder in the model's own."""
    return bool(name) and Path(name).name == name and name != ".." and (folder / name).is_dir()


def check_config(folder: Path) -> None:
    """Refuses what is damaged, or describes a model that no machine builds.

    transformers blames whatever it was about to load for the one, and tries the other: a million
    layers took 3 GB and minutes before anything was loaded.

    Raises:
        SourceError: names the file and what is wrong with it.
    """
    for name in ("config.json", "preprocessor_config.json"):
        path = folder / name
        _check_layers(read_object(path), path)


def _check_layers(table: JsonObject, path: Path) -> None:
    """Look at every count of layers, as in `num_hidden_layers`, `n_layer` and `encoder_layers`."""
    for key, value in table.items():
        if isinstance(value, dict):
            _check_layers(value, path)
        counts = key.endswith(("layers", "n_layer")) and isinstance(value, int)
        if counts and value > _MOST_LAYERS:
            raise SourceError(f"{path}: {key} = {value}: at most {_MOST_LAYERS} layers are built")


def is_ctc(configuration: PretrainedConfig | JsonObject) -> bool:
    """Returns whether a model's configuration, an object or a dict, is that of a CTC model."""
    from transformers.models.auto import modeling_auto

    table = configuration if isinstance(configuration, Mapping) else vars(configuration)
    if named := table.get("architectures"):
        return str(named[0]).endswith("ForCTC")
    kind = table.get("model_type") or getattr(configuration, "model_type", None)
    return (
        kind in modeling_auto.MODEL_FOR_CTC_MAPPING_NAMES
        and kind not in modeling_auto.MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING_NAMES
    )
