"""A method's parameters as NNCF's own types."""

from __future__ import annotations

import enum
import typing
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

import msgspec
import nncf
import numpy as np
from nncf.quantization import advanced_parameters as advanced
from nncf.quantization import range_estimator

from ovtui.core.recipes.compression import OURS, Method
from ovtui.core.recipes.method_parameters import IgnoredScope, Quantizer
from ovtui.core.text.errors import RecipeError


def nncf_parameters(method: Method, function: Callable[..., Any]) -> dict[str, Any]:
    """Returns the parameters that the recipe sets, as the function's own types.

    Args:
        method: as the recipe has it; what it leaves out is left to NNCF.
        function: of NNCF: its annotations tell which enumeration a word belongs to.
    """
    hints = typing.get_type_hints(function)
    parameters = {}
    for name in method.__struct_fields__:
        value = getattr(method, name)
        if value is not None and name not in OURS:
            parameters[name] = to_nncf(value, hints.get(name, Any))
    return parameters


def to_nncf(value: Any, hint: Any) -> Any:
    """Returns a recipe's value as the NNCF type that a parameter is annotated with."""
    kinds = [hint, *typing.get_args(hint)]
    if isinstance(value, Quantizer):
        return _quantizer(value)
    if isinstance(value, msgspec.Struct):
        wanted = next(kind for kind in kinds if is_dataclass(kind))
        inner = typing.get_type_hints(wanted, vars(advanced) | vars(range_estimator))
        set_fields = {
            name: to_nncf(getattr(value, name), inner[name])
            for name in value.__struct_fields__
            if getattr(value, name) is not None
        }
        return typing.cast(Any, wanted)(**set_fields)
    if isinstance(value, str):
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, enum.Enum):
                return _enumerated(kind, value)
    if isinstance(value, list) and value and isinstance(value[0], msgspec.Struct):
        return [to_nncf(item, nncf.Subgraph) for item in value]
    if isinstance(value, list) and value and isinstance(value[0], float):
        return np.array(value, np.float32)  # a codebook, which NNCF takes as an array only
    return value


def _enumerated(kind: Any, value: str) -> Any:
    return kind[value] if value in kind.__members__ else kind(value)


def _quantizer(value: Quantizer) -> Any:
    wanted: Any = (
        advanced.FP8QuantizationParameters
        if value.destination_type is not None
        else advanced.QuantizationParameters
    )
    hints = typing.get_type_hints(wanted, vars(advanced))
    known = {field.name for field in fields(wanted)}
    given = {
        name: getattr(value, name)
        for name in value.__struct_fields__
        if getattr(value, name) is not None
    }
    if unknown := sorted(set(given) - known):
        raise RecipeError(f"destination_type selects FP8, which has no {', '.join(unknown)}")
    return wanted(**{name: to_nncf(item, hints[name]) for name, item in given.items()})


def ignored_scope(scope: IgnoredScope) -> nncf.IgnoredScope:
    """Returns the recipe's ignored scope as NNCF's."""
    return to_nncf(scope, nncf.IgnoredScope)
