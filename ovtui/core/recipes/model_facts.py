"""What is known of a model before it is loaded: its task, inputs, outputs and classes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Literal

import msgspec

from ovtui.core.files.reading import JsonObject, read_regular
from ovtui.core.recipes.task import SENTENCES, TASKS

Format = Literal["huggingface", "openvino", "onnx", "function"]
_MOST_BYTES = 2**24
"""Of a config.json: the largest of transformers' own have 3000 class names, 200 KB."""


class Port(msgspec.Struct, frozen=True, kw_only=True):
    """An input or output of a graph."""

    names: list[str]
    kind: str
    """Its element type as OpenVINO calls it, as in `f32`."""
    shape: list[int] | None
    """-1 for a free size; None where even their number is free."""
    table: int | None = None
    """Rows of the table that an input's values look up."""
    made_by: str = ""
    """Type of the operation that calculates an output."""

    @property
    def name(self) -> str:
        """What a person calls it; empty where it has no name."""
        return next(iter(self.names), "")


class ModelFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A model, as its files tell of it."""

    source: str
    """As a recipe names it."""
    format: Format
    architecture: str = ""
    """The class of transformers, as `BertForSequenceClassification`."""
    task: str = ""
    """What its architecture is for; empty where nothing tells."""
    inputs: list[Port] = []
    """Of a graph."""
    outputs: list[Port] = []
    sentences: bool = False
    """It was made by sentence-transformers."""
    labels: list[str] = []
    """Class names in the model's order; empty where it has none, or none that say anything."""
    has_processor: bool = False
    """It says how pictures become its inputs."""
    has_tokenizer: bool = False
    longest: int | None = None
    """Tokens that it takes at most; None where it does not say."""


def of_folder(folder: Path, source: str = "") -> ModelFacts:
    """Returns the facts of a model in Hugging Face layout; what is damaged in it is told when it is
    loaded.

    Args:
        folder: with `config.json`.
        source: as a recipe names it; the folder where left out.
    """
    config = _object(folder / "config.json")
    sentences = (folder / "modules.json").is_file()
    architecture = _architecture(config)
    tokenizer = any(
        (folder / name).is_file() for name in ("tokenizer.json", "vocab.txt", "spiece.model")
    )
    task = SENTENCES if sentences else task_of(architecture)
    if not task and tokenizer and re.fullmatch(r"\w+Model", architecture):
        task = SENTENCES
    return ModelFacts(
        source=source or str(folder),
        format="huggingface",
        architecture=architecture,
        task=task,
        sentences=sentences,
        labels=class_names(config),
        has_processor=(folder / "preprocessor_config.json").is_file(),
        has_tokenizer=tokenizer or (folder / "tokenizer_config.json").is_file(),
        longest=_longest(config, _object(folder / "tokenizer_config.json")),
    )


def task_of(architecture: str) -> str:
    """Returns the task of a class of transformers; empty where ovtui has none for it."""
    for name, task in TASKS.items():
        if architecture in task.architectures or architecture.endswith(task.endings):
            return name
    return ""


def shape_in_words(port: Port) -> str:
    """Returns an input's type and shape: `f32 [?, 3, 224, 224]`."""
    if port.shape is None:
        return f"{port.kind} […]"
    return f"{port.kind} [{', '.join('?' if size < 0 else str(size) for size in port.shape)}]"


def _architecture(config: JsonObject) -> str:
    named = config.get("architectures")
    return str(named[0]) if isinstance(named, list) and named else ""


def class_names(config: JsonObject) -> list[str]:
    """Names by class index; none where they are only numbers, as transformers fills them in.

    Args:
        config: what a model's config.json holds.
    """
    table = config.get("id2label")
    if not isinstance(table, dict) or not all(str(key).isdecimal() for key in table):
        return []
    names = [str(table[key]) for key in sorted(table, key=int)]
    return [] if all(re.fullmatch(r"LABEL_\d+", name) for name in names) else names


def _longest(config: JsonObject, tokenizer: JsonObject) -> int | None:
    limits = (config.get("max_position_embeddings"), tokenizer.get("model_max_length"))
    known = [limit for limit in limits if isinstance(limit, int | float) and 0 < limit < 1_000_000]
    return int(min(known)) if known else None


def _object(path: Path) -> JsonObject:
    """The JSON object in a file; empty where there is none that can be read."""
    try:
        document = json.loads(read_regular(path, _MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
