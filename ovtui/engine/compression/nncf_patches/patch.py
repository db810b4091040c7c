"""A change to NNCF, with what it relies on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ovtui.core.recipes.compression import Method
from ovtui.engine.libraries.library_use import LibraryUse

if TYPE_CHECKING:
    from ovtui.engine.compression.nncf_patches.accuracy_control import Restoring
    from ovtui.engine.compression.nncf_patches.awq_matches import AwqMatches
    from ovtui.engine.compression.nncf_patches.bit_widths import BitWidths


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
    awq: AwqMatches
    """Takes down the layers that AWQ scales."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch(LibraryUse):
    """One change, made as long as a compression works."""

    apply: Callable[[Work], AbstractContextManager[Any]]
    """Opens the change; it ends with the context."""
    methods: tuple[type[Method], ...] = ()
    """The methods that it is for; all when empty."""
    checked_with: str = "nncf 3.4.0"
