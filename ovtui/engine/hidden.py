"""Libraries that another one would import although nothing here needs them."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def hidden(*names: str) -> Iterator[None]:
    """While open, these modules cannot be imported, as if they were not installed.

    What is loaded already stays.
    """
    modules: dict[str, Any] = sys.modules
    new = [name for name in names if name not in modules]
    modules.update(dict.fromkeys(new))  # the import system's word for "there is none"
    try:
        yield
    finally:
        for name in new:
            del modules[name]
