"""A change to another library's code, with what it relies on."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ovtui.core.recipes.compression import Method

if TYPE_CHECKING:
    from ovtui.engine.compression.nncf_patches.accuracy_control import Restoring
    from ovtui.engine.compression.nncf_patches.bit_widths import BitWidths

NO_LINK = "none"
"""Nothing was filed upstream."""


class Work(NamedTuple):
    """The compression that patches are applied for."""

    folder: Path
    """Where temporary files go."""
    weights: Path
    """The `.bin` that the model is mapped from."""
    restoring: Restoring
    """Takes down what accuracy control reverts."""
    bits: BitWidths
    """Takes down the bit widths of compressed weights."""


class Target(NamedTuple):
    """Something of a library that a patch replaces, calls or derives from."""

    name: str
    """Dotted, from the package on."""
    parameters: str
    """Names of its parameters, in order; of a class, those of its constructor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """One change, and what must be as it was when it was written."""

    name: str
    targets: tuple[Target, ...]
    why: str
    """What is otherwise, and the gain as it was measured, on what."""
    how: str
    """How it is applied: what takes the place of what."""
    needed: bool
    """For the result; else for speed or memory only, and the result is the same without it."""
    apply: Callable[[Work], AbstractContextManager[Any]]
    """Opens the change; it ends with the context."""
    methods: tuple[type[Method], ...] = ()
    """The methods that it is for; all when empty."""
    package: str = "nncf"
    checked_with: tuple[str, ...] = ("3.4.0",)
    """Versions of the package that every target was looked at in."""
    upstream: str = NO_LINK


def missing(patch: Patch) -> str | None:
    """What a patch relies on and this installation has not, with what it has; None when all is."""
    for target in patch.targets:
        found = _resolved(target.name)
        if found is None:
            return f"{patch.package} {version(patch.package)} has no {target.name}"
        parameters = ", ".join(inspect.signature(found).parameters)
        if parameters != target.parameters:
            return (
                f"{target.name} of {patch.package} {version(patch.package)} takes ({parameters}), "
                f"({target.parameters}) was expected"
            )
    return None


def _resolved(name: str) -> Any:
    """What a dotted name leads to; None where it leads nowhere."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:count]))
        except ImportError:
            continue
        for part in parts[count:]:
            found = getattr(found, part, None)
        return found
    return None
