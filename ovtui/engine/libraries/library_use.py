"""A use of another library that it does not promise to keep, with what is relied on."""

from __future__ import annotations

import importlib
import inspect
import platform
import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

from ovtui.core.text.errors import SourceError

NO_LINK = "none"
"""Nothing was filed upstream."""
_IN_INSTANCES = object()


class Target(NamedTuple):
    """Something of a library that is replaced, called, read or derived from."""

    name: str
    """Dotted, from the package on."""
    parameters: str | None = None
    """Names of its parameters, in order; of a class, those of its constructor. None of what is no
    function: that it is there is all that is looked at."""

    @property
    def library(self) -> str:
        """The name and version of the package that it is in; Python's for the standard library."""
        package = self.name.partition(".")[0]
        try:
            return f"{package} {version(package)}"
        except PackageNotFoundError:
            return f"Python {platform.python_version()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryUse:
    """One such use, and what must be as it was when it was written."""

    name: str
    targets: tuple[Target, ...]
    why: str
    """What is otherwise, and the gain where it was measured, on what."""
    how: str
    """What is called or read, or what takes the place of what."""
    needed: bool
    """For the result; else for speed, memory or progress only, and the result is the same."""
    checked_with: str
    """The version that every target was looked at in, as in `nncf 3.4.0`."""
    files: tuple[str, ...] = ()
    """The modules that do it, below `ovtui/engine`."""
    upstream: str = NO_LINK


def missing(use: LibraryUse) -> str | None:
    """Tells what a use relies on that this installation has otherwise or not; None where all is."""
    for target in use.targets:
        target_object = _resolved(target.name)
        if target_object is None:
            return f"{target.library} has no {target.name}"
        if target.parameters is None:
            continue
        parameters = ", ".join(inspect.signature(target_object).parameters)
        if parameters != target.parameters:
            return (
                f"{target.name} of {target.library} takes ({parameters}), "
                f"({target.parameters}) was expected"
            )
    return None


def require(use: LibraryUse) -> None:
    """Refuses to go on without what a use relies on.

    Raises:
        SourceError: it is otherwise or not there; names the library's version, and one that fits.
    """
    if why := missing(use):
        raise SourceError(
            f"{why}, which ovtui relies on for {use.name}; install {use.checked_with}"
        )


def _resolved(name: str) -> Any:
    """What a dotted name leads to; None where it leads nowhere."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            resolved: Any = importlib.import_module(".".join(parts[:count]))
        except ImportError:
            continue
        for part in parts[count:]:
            if not hasattr(resolved, part):
                return _IN_INSTANCES if _sets(resolved, part) else None
            resolved = getattr(resolved, part)
        return resolved
    return None


def _sets(owner: Any, name: str) -> bool:
    """Whether the instances of a class are given an attribute, by it or by one that it is of."""
    if not inspect.isclass(owner):
        return False
    texts = (inspect.getsource(it) for it in owner.__mro__ if it.__module__ != "builtins")
    return any(re.search(rf"\bself\.{name}\b[^=\n]* = ", text) for text in texts)
