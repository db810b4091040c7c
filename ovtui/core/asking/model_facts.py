"""What a model on this machine is: from its files, and of an ONNX file from an engine."""

from __future__ import annotations

import functools
from pathlib import Path

from ovtui.core.asking.new_recipe import look
from ovtui.core.recipes.graph_facts import of_ir
from ovtui.core.recipes.model_facts import ModelFacts, of_folder


def facts_of(text: str) -> ModelFacts:
    """Returns what a model's files tell; an ONNX file takes an engine two seconds, once.

    Args:
        text: a folder or file; anything else is a function, of which nothing is known.

    Raises:
        UserError: it cannot be read.
    """
    path = Path(text)
    if path.is_dir():
        return of_folder(path)
    match path.suffix.lower():
        case ".xml":
            return of_ir(path)
        case ".onnx":
            return _of_onnx(text, path.stat().st_mtime_ns)
    return ModelFacts(source=text, format="function")


@functools.lru_cache(maxsize=64)
def _of_onnx(text: str, changed: int) -> ModelFacts:
    """What an engine tells of a file that was changed at this time."""
    model = look(text, None).model
    assert model is not None
    return model
