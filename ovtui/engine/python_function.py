"""Calls a function that a person named as `file.py:function`."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

from ovtui.core.errors import SourceError, nearest
from ovtui.core.source import PythonFunction


def load_function(source: PythonFunction, text: str) -> Any:
    """The function itself; modules beside its file can be imported by it.

    Raises:
        SourceError: the file cannot be imported, or has no such function.
    """
    folder = str(source.path.parent)
    if folder not in sys.path:
        sys.path.append(folder)
    spec = importlib.util.spec_from_file_location(source.path.stem, source.path)
    if spec is None or spec.loader is None:
        raise SourceError(f"{text}: cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(source.path.stem, module)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise SourceError(
            f"{text}: importing {source.path.name} failed: {type(error).__name__}: {error}"
        ) from error
    function = getattr(module, source.function, None)
    if not callable(function):
        names = [name for name, value in vars(module).items() if callable(value) and name[0] != "_"]
        raise SourceError(
            f"{text}: no function {source.function!r}, {nearest(source.function, names)}"
        )
    return function


def call_function(source: PythonFunction, text: str, *args: Any, **kwargs: Any) -> Any:
    """What the function returns.

    Raises:
        SourceError: it cannot be imported or raises.
    """
    function = load_function(source, text)
    try:
        return function(*args, **kwargs)
    except Exception as error:
        raise SourceError(f"{text}: it raised {type(error).__name__}: {error}") from error
