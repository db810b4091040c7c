"""Which share of a model's weights `compress_weights` stores in how many bits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from nncf.quantization.algorithms.weight_compression.algorithm import WeightCompression

from ovtui.core.compression import CompressWeights
from ovtui.core.errors import RecipeError
from ovtui.engine.graph_bodies import every_operation

_FLOAT = "float"
_NOTABLE = 0.005
"""Of the weights: a few small ones are beside the point."""


class WeightBits:
    """While this context is open, takes down the bit widths that NNCF only prints."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._original = WeightCompression.get_bitwidth_distribution_str

    def __enter__(self) -> WeightBits:
        bits = self

        def noted(self: Any, every: Any, ratio_defining: Any, skipped: Any) -> str:
            bits._take_down(every)
            return str(bits._original(self, every, ratio_defining, skipped))

        WeightCompression.get_bitwidth_distribution_str = noted
        return self

    def __exit__(self, *_: object) -> None:
        WeightCompression.get_bitwidth_distribution_str = self._original

    def _take_down(self, every: Any) -> None:
        self._counts = {}
        for weight in every:
            if config := weight.compression_config:
                name = str(config.mode.value)
                self._counts[name] = self._counts.get(name, 0) + int(weight.num_weights)

    def shares(self, left: int) -> dict[str, float]:
        """Share of the weights by mode, as in `int4_sym`; `float` for those left alone.

        Args:
            left: how many were: NNCF counts none of what it does not know, such as an LSTM's.
        """
        counts = self._counts | ({_FLOAT: left} if left else {})
        total = sum(counts.values())
        return {name: count / total for name, count in counts.items()} if self._counts else {}


def matrices(model: Any) -> dict[str, int]:
    """Numbers in each floating-point constant that is a matrix at least, by the constant's name.

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
    """What is to be said where other bits than those asked for hold a part of the weights.

    Raises:
        RecipeError: what was asked for beside the mode had nothing to work on.
    """
    mode = method.mode or "int8_asym"
    asked = [name for name in ("awq", "scale_estimation", "gptq") if getattr(method, name)]
    fallback = method.advanced_parameters and method.advanced_parameters.group_size_fallback_mode
    if asked and not (fallback or method.all_layers or shares.get(mode)):
        raise RecipeError(
            f"{', '.join(asked)}: no linear layer is large enough for {mode} (of the weights, "
            f"{told(shares)}); leave it out, or set all_layers = true or a smaller group_size"
        )
    if shares.get(mode, 0.0) >= 1.0 - _NOTABLE:
        return []
    small = shares.get(mode, 0.0) + shares.get(_FLOAT, 0.0) < 1.0 - _NOTABLE
    stricter = small and not method.all_layers and "int8" not in mode
    advice = "; all_layers = true is stricter, of linear layers" if stricter else ""
    return [f"of the weights, {told(shares)} where {mode} was asked for{advice}"]


def told(shares: Mapping[str, float]) -> str:
    """Shares in words, the largest first, as in `int8_asym 60 %, int4_sym 40 %`."""
    ordered = sorted(shares.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {share:.0%}".replace("%", " %") for name, share in ordered)
