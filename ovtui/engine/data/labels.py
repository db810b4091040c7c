"""Class names: those of the model, and those of the data where its order is another."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

from ovtui.core.reading import read_json

_FILE = "labels.json"


class Labels(NamedTuple):
    """Names by the model's class index, and by the data's where that is not the same."""

    model: list[str] | None
    data: list[str] | None = None


def agree(chosen: list[str] | None, model: list[str] | None, data: list[str] | None) -> Labels:
    """Which names count.

    Args:
        chosen: the recipe's `data.labels`: names in the model's order, over all else.
        model: what the model calls its classes.
        data: what the data set calls them, by its own index.
    """
    if chosen:
        return Labels(chosen)
    if model is None or data is None:
        return Labels(data or model)
    spelled = {name.casefold(): name for name in model}
    if len(spelled) == len(model) and all(name.casefold() in spelled for name in data):
        data = [spelled[name.casefold()] for name in data]  # `NEGATIVE` is `negative`
        return Labels(model, None if data == model[: len(data)] else data)
    return Labels(data)


def model_labels(folder: Path | None) -> list[str] | None:
    """Class names of a Hugging Face model; None where it has only numbers.

    Args:
        folder: with `config.json`; None for a model of another kind.
    """
    if folder is None:
        return None
    try:
        table = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("id2label")
        names = [str(table[key]) for key in sorted(table, key=int)]
    except (OSError, ValueError, TypeError, AttributeError):
        return None  # a damaged configuration is told of when the model is loaded
    return None if all(re.fullmatch(r"LABEL_\d+", name) for name in names) else names


def keep_labels(folder: Path, labels: list[str] | None) -> None:
    """Leave the names, in the model's order, in a run folder: who asks its models needs them."""
    (folder / _FILE).write_text(json.dumps(labels), encoding="utf-8")


def kept_labels(folder: Path) -> list[str] | None:
    """The names that a run left; None where it has none, or was made before they were kept."""
    try:
        return read_json(folder / _FILE, list[str])
    except (OSError, ValueError):
        return None
