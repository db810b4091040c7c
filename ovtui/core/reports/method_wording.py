"""How a variant was compressed, in words: methods and the parameters that the recipe gave them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.results.variant import Variant


def methods(variant: Variant) -> list[str]:
    """Returns the method of each component that was compressed, as in `quantize, preset mixed`."""
    return [
        ", ".join([_named(part.name) + part.method, *in_words(variant.parameters.get(part.name))])
        + (f": {part.unchanged}" if part.unchanged else "")
        for part in variant.components
        if part.compressed
    ]


def _named(component: str) -> str:
    return "" if component == WHOLE_MODEL else f"{component}: "


def in_words(parameters: Mapping[str, Any] | None, prefix: str = "") -> list[str]:
    """Returns a method's parameters as `name value`, those within others with a dot between.

    Args:
        parameters: by name, as a recipe has them; None where all are NNCF's own.
        prefix: stands before each name.
    """
    words: list[str] = []
    for key, value in (parameters or {}).items():
        if isinstance(value, dict):
            words += in_words(value, f"{prefix}{key}.")
        else:
            words.append(f"{prefix}{key} {value}")
    return words
