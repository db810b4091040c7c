"""Calls a function that a person named as `file.py:function`."""

from __future__ import annotations

import functools
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from ovtui.core.recipes.source import PythonFunction
from ovtui.core.text.errors import SourceError, error_in_words, nearest


def load_function(source: PythonFunction, text: str) -> Any:
    """Returns the function itself; modules beside its file can be imported by it.

    Raises:
        SourceError: the file cannot be imported, or has no such function.
    """
    try:
        module = load_module(source.path)
    except (Exception, SystemExit) as error:
        raise SourceError(
            f"{text}: importing {source.path.name} failed: {error_in_words(error)}"
        ) from error
    function = getattr(module, source.function, None)
    if not callable(function):
        valid = callables(module)
        raise SourceError(
            f"{text}: no function {source.function!r}, {nearest(source.function, valid)}"
        )
    return function


def call_function(source: PythonFunction, text: str, *args: Any, **kwargs: Any) -> Any:
    """Returns what the function returns.

    Args:
        source: file and name of the function.
        text: as the recipe names it, for errors.
        args: that the function is called with.
        kwargs: that it is called with by name.

    Raises:
        SourceError: it cannot be imported or raises.
    """
    function = load_function(source, text)
    try:
        return function(*args, **kwargs)
    except (Exception, SystemExit) as error:
        raise SourceError(f"{text}: it raised {error_in_words(error)}") from error


@functools.cache
def load_module(path: Path) -> ModuleType:
    """Returns the file as a module, run once: a recipe may name several functions of one file.

    Raises:
        ImportError: it is no Python file; or whatever the file itself raises.
    """
    folder = str(path.parent)
    if folder not in sys.path:
        sys.path.append(folder)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError("not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(path.stem, module)
    spec.loader.exec_module(module)
    return module


def callables(module: ModuleType) -> list[str]:
    """Returns names of what can be called in a module, private ones aside."""
    return [name for name, value in vars(module).items() if callable(value) and name[0] != "_"]
