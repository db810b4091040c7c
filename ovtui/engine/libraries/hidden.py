"""Libraries that another one would import although nothing here needs them."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Collection, Iterator
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, NoReturn


class _Hiding(MetaPathFinder, Loader):
    """Finds modules of some names first, and then has nothing to load."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:  # noqa: ARG002
        return ModuleSpec(name, self) if name in self._names else None

    def create_module(self, spec: ModuleSpec) -> NoReturn:
        raise ModuleNotFoundError(f"{spec.name} is hidden", name=spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Never called."""


@contextlib.contextmanager
def hidden(*names: str) -> Iterator[None]:
    """Hides modules while open: they cannot be imported, as if they were not installed.

    What is loaded already stays.
    """
    finder = _Hiding(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
