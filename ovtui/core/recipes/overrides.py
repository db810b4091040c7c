"""`--set KEY=VALUE`, done to a recipe's table before that is read as a recipe."""

from __future__ import annotations

from typing import Any

from ovtui.core.files.reading import TomlTable
from ovtui.core.recipes import assignment
from ovtui.core.recipes.compression import Quantize, method_name
from ovtui.core.recipes.recipe_text import value_of
from ovtui.core.text.errors import RecipeError, nearest

A_VARIANT = f'variants.NAME={{ components.model = {{ method = "{method_name(Quantize())}" }} }}'
"""How `--set` adds one."""


def override(table: TomlTable, text: str) -> None:
    """Sets a key of a recipe's table.

    Args:
        table: as read, which changes.
        text: `KEY=VALUE`.

    Raises:
        RecipeError: it is no assignment, or the recipe has no such place.
    """
    parts_of_key = assignment.split(text)
    if parts_of_key is None or not all(parts_of_key[0]):
        raise RecipeError(f"--set {text}: expected KEY=VALUE, as in data.calibration.samples=300")
    path, value = parts_of_key[0], value_of(parts_of_key[1])
    if path == ["variants"]:
        table["variants"] = _only(table.get("variants"), value, text)
        return
    place: Any = table
    for depth, part in enumerate(path[:-1]):
        place = _descend(place, part, text, ".".join(path[:depth]))
    if path[:-1] == ["variants"] and isinstance(place, list) and isinstance(value, dict):
        _put(place, path[-1], value)
    elif isinstance(place, list):
        raise RecipeError(f"--set {text}: {'.'.join(path[:-1])} is a list, name a key inside it")
    else:
        place[path[-1]] = value


def _put(variants: list[Any], name: str, variant: TomlTable) -> None:
    """Put a variant in the place of the one that has its name, or after all others."""
    names = [isinstance(other, dict) and other.get("name") for other in variants]
    at = names.index(name) if name in names else len(variants)
    variants[at : at + 1] = [variant | {"name": name}]


def _only(variants: Any, names: Any, text: str) -> Any:
    """Of a list of variants those that are named; a list of whole variants replaces it."""
    names = [names] if isinstance(names, str) else names
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return names
    known = [str(variant.get("name")) for variant in variants or [] if isinstance(variant, dict)]
    for name in names:
        if name not in known:
            raise RecipeError(f"--set {text}: no variant {name!r}, {nearest(name, known)}")
    return [
        variant
        for variant in variants
        if isinstance(variant, dict) and variant.get("name") in names
    ]


def _descend(place: Any, part: str, text: str, parent: str) -> Any:
    if isinstance(place, list):
        named = {item.get("name"): item for item in place if isinstance(item, dict)}
        if part not in named:
            valid = [str(name) for name in named]
            added = f"; {A_VARIANT} adds one" if parent == "variants" else ""
            known = nearest(part, valid)
            raise RecipeError(f"--set {text}: no {part!r} in {parent}, {known}{added}")
        return named[part]
    inner = place.setdefault(part, {})
    if not isinstance(inner, dict | list):
        raise RecipeError(f"--set {text}: {part} holds a value, not a table")
    return inner
