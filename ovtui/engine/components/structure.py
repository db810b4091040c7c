"""Nested arguments and results of a module as a flat table of tensors, and back."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, Literal

import msgspec
import torch
from transformers import Cache
from transformers.utils import ModelOutput

from ovtui.core.text.errors import SourceError

_LIBRARY = "transformers."
Plain = None | bool | int | float | str


class Leaf(msgspec.Struct, frozen=True, tag="tensor"):
    """A tensor, by its name in the table: the dotted path to it."""

    name: str


class Constant(msgspec.Struct, frozen=True, tag="constant"):
    """Anything else that does not change what is computed from call to call."""

    value: Plain


class Past(msgspec.Struct, frozen=True, tag="past"):
    """A cache of keys and values."""


class Items(msgspec.Struct, frozen=True, tag="items"):
    """A mapping; `kind` is `module:class` where it is a result class of transformers."""

    entries: dict[str, Node]
    kind: str = ""


class Row(msgspec.Struct, frozen=True, tag="row"):
    """A list or a tuple."""

    entries: list[Node]
    kind: Literal["list", "tuple"] = "tuple"


Node = Leaf | Constant | Past | Items | Row


def flatten(value: Any) -> tuple[Node, dict[str, torch.Tensor], Cache | None]:
    """Returns the structure of a value, its tensors by name, and the cache within.

    Raises:
        SourceError: it holds something else.
    """
    tensors: dict[str, torch.Tensor] = {}
    caches: list[Cache] = []
    node = _flatten(value, "", tensors, caches)
    return node, tensors, caches[0] if caches else None


def _flatten(value: Any, path: str, tensors: dict[str, torch.Tensor], caches: list[Cache]) -> Node:
    match value:
        case torch.Tensor():
            tensors[path] = value
            return Leaf(path)
        case Cache():
            caches.append(value)
            return Past()
        case Mapping():
            kind = ""
            if isinstance(value, ModelOutput):
                kind = f"{type(value).__module__}:{type(value).__qualname__}"
            entries = {
                key: _flatten(item, _join(path, key), tensors, caches)
                for key, item in value.items()
            }
            return Items(entries, kind if kind.startswith(_LIBRARY) else "")
        case list() | tuple():
            row = [
                _flatten(item, _join(path, str(number)), tensors, caches)
                for number, item in enumerate(value)
            ]
            return Row(row, "tuple" if isinstance(value, tuple) else "list")
        case None | bool() | int() | float() | str():
            return Constant(value)
    raise SourceError(f"{path}: a component cannot take or return a {type(value).__name__}")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def rebuild(node: Node, tensors: Mapping[str, torch.Tensor], cache: Cache | None = None) -> Any:
    """Returns the value of a structure with these tensors.

    Args:
        node: the structure, as `flatten` gave it.
        tensors: by their names in it.
        cache: stands where the value had one.
    """
    match node:
        case Leaf(name):
            return tensors[name]
        case Past():
            return cache
        case Items(entries, kind):
            items = {key: rebuild(item, tensors, cache) for key, item in entries.items()}
            return _result_class(kind)(**items) if kind else items
        case Row(entries, kind):
            row = [rebuild(item, tensors, cache) for item in entries]
            return tuple(row) if kind == "tuple" else row
        case Constant(value):
            return value


def _result_class(kind: str) -> Any:
    module, name = kind.split(":")
    if not module.startswith(_LIBRARY):
        raise SourceError(f"{kind}: is no result class of transformers")
    return getattr(importlib.import_module(module), name)
