"""Which share of a model's weights `compress_weights` stores in how many bits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ovtui.core.recipes.compression import CompressWeights
from ovtui.core.text.errors import RecipeError
from ovtui.engine.compression.nncf_patches.bit_widths import FLOAT
from ovtui.engine.models.model_files import every_operation

if TYPE_CHECKING:
    import openvino as ov

_NOTABLE = 0.005
"""Of the weights: a few small ones are beside the point."""


def matrices(model: ov.Model) -> dict[str, int]:
    """Counts the numbers in each floating-point constant that is a matrix at least, by the
    constant's name.

    Biases and the like are vectors, of whatever rank, and no method makes them smaller.
    """
    return {
        operation.get_friendly_name(): math.prod(operation.shape)
        for operation in every_operation(model)
        if operation.get_type_name() == "Constant"
        and operation.get_element_type().is_real()
        and operation.get_element_type().bitwidth > 8
        and sum(size > 1 for size in operation.shape) > 1
    }


def check_bits(method: CompressWeights, shares: Mapping[str, float]) -> list[str]:
    """Returns what is to be said where other bits than those asked for hold a part of the weights.

    Args:
        method: what was asked for.
        shares: of the weights, 0 to 1, by their element type.

    Raises:
        RecipeError: what was asked for beside the mode had nothing to work on.
    """
    mode = method.mode or "int8_asym"
    asked = [name for name in ("awq", "scale_estimation", "gptq") if getattr(method, name)]
    fallback = method.advanced_parameters and method.advanced_parameters.group_size_fallback_mode
    if asked and not (fallback or method.all_layers or shares.get(mode)):
        raise RecipeError(
            f"{', '.join(asked)}: no linear layer is large enough for {mode} (of the weights, "
            f"{shares_in_words(shares)}); leave it out, or set all_layers = true or a smaller "
            "group_size"
        )
    if shares.get(mode, 0.0) >= 1.0 - _NOTABLE:
        return []
    small = shares.get(mode, 0.0) + shares.get(FLOAT, 0.0) < 1.0 - _NOTABLE
    stricter = small and not method.all_layers and "int8" not in mode
    advice = "; all_layers = true is stricter, of linear layers" if stricter else ""
    return [f"of the weights, {shares_in_words(shares)} where {mode} was asked for{advice}"]


def shares_in_words(shares: Mapping[str, float]) -> str:
    """Returns shares in words, the largest first, as in `int8_asym 60 %, int4_sym 40 %`."""
    ordered = sorted(shares.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {share:.0%}".replace("%", " %") for name, share in ordered)
