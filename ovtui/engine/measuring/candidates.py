"""Properties that a component may be executed faster with than by the device's default."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import openvino as ov

from ovtui.core.recipes.recipe import Property
from ovtui.engine.evaluation.alone import LOW_BITS
from ovtui.engine.models.executed_precision import short_name

PRECISION = "INFERENCE_PRECISION_HINT"
KEYS_AND_VALUES = "KV_CACHE_PRECISION"
GROUP = "DYNAMIC_QUANTIZATION_GROUP_SIZE"
_CAPABILITIES = {"FP32": "f32", "BF16": "bf16", "FP16": "f16"}
_KEPT_IN = ("f32", "f16", "u8")
_GROUPS = (0, 32, 64, 128)
"""Activations that share a scale; with 0 they are not quantized at all."""


class Traits(NamedTuple):
    """What of a graph decides which properties mean anything to it."""

    compressed_weights: bool
    """Its weights alone have few bits: activations may be quantized while it runs."""
    stateful: bool


def traits_of(model: ov.Model) -> Traits:
    """Returns the traits of an `ov.Model`."""
    kinds = {operation.get_type_name() for operation in model.get_ops()}
    types = {
        operation.get_element_type().to_string()
        for operation in model.get_ops()
        if operation.get_type_name() == "Constant"
    }
    compressed = bool(types & LOW_BITS) and "FakeQuantize" not in kinds
    return Traits(compressed, stateful="ReadValue" in kinds)


def candidates(
    capabilities: Collection[str],
    default: Mapping[str, Property],
    traits: Traits,
    given: Collection[str],
) -> dict[str, list[Property]]:
    """Returns the values to try of each property, in the order in which they are tried.

    Args:
        capabilities: of the device, as its `OPTIMIZATION_CAPABILITIES` names them.
        default: the properties that it has, with the value that it chose for this graph.
        traits: of the graph.
        given: properties that the recipe decides.
    """
    able = [name for key, name in _CAPABILITIES.items() if key in capabilities]
    values: dict[str, list[Property]] = {
        PRECISION: [*able],
        KEYS_AND_VALUES: [*_KEPT_IN] if traits.stateful else [],
        GROUP: [*_GROUPS] if traits.compressed_weights else [],
    }
    left = {
        key: [value for value in values[key] if value != default[key]]
        for key in values
        if key in default and key not in given
    }
    return {key: values for key, values in left.items() if values}


def default_of(compiled: ov.CompiledModel) -> dict[str, Property]:
    """Returns what a device chose for a model, of the properties that may be tried and it has."""
    chosen: dict[str, Property] = {}
    for key in (PRECISION, KEYS_AND_VALUES, GROUP):
        try:
            value = compiled.get_property(key)
        except RuntimeError:
            continue
        chosen[key] = value if isinstance(value, int) else _name(value)
    return chosen


def _name(value: object) -> str:
    """`u8` stays what it is here: keys and values in it are stored, not calculated."""
    name = value.to_string() if isinstance(value, ov.Type) else str(value)
    return name if name == "u8" else short_name(name)
