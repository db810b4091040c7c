"""Bit widths that `compress_weights` chose, which NNCF tells as a printed table alone."""

from __future__ import annotations

from typing import Any

from ovtui.core.recipes.compression import CompressWeights
from ovtui.engine.compression.nncf_patches.patch import Patch
from ovtui.engine.libraries.library_use import Target

_FEW = 4
FLOAT = "float"
"""The mode of weights that were left alone."""


class BitWidths:
    """While this context is open, takes down the bit widths that NNCF only prints."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self.few_bits = 0
        """Layers of up to 4 bits: those that AWQ may scale."""
        self._original: Any = None

    def __enter__(self) -> BitWidths:
        from nncf.quantization.algorithms.weight_compression.algorithm import WeightCompression

        bits, self._original = self, WeightCompression.get_bitwidth_distribution_str

        def noted(self: Any, every: Any, ratio_defining: Any, skipped: Any) -> str:
            bits._take_down(every)
            return str(bits._original(self, every, ratio_defining, skipped))

        WeightCompression.get_bitwidth_distribution_str = noted
        return self

    def __exit__(self, *_: object) -> None:
        from nncf.quantization.algorithms.weight_compression.algorithm import WeightCompression

        WeightCompression.get_bitwidth_distribution_str = self._original

    def _take_down(self, every: Any) -> None:
        self._counts, self.few_bits = {}, 0
        for weight in every:
            if config := weight.compression_config:
                name = str(config.mode.value)
                self.few_bits += config.num_bits <= _FEW
                self._counts[name] = self._counts.get(name, 0) + int(weight.num_weights)

    def shares(self, left: int) -> dict[str, float]:
        """Returns the share of the weights by mode, as in `int4_sym`; `float` for those left alone.

        Args:
            left: how many were: NNCF counts none of what it does not know, such as an LSTM's.
        """
        counts = self._counts | ({FLOAT: left} if left else {})
        total = sum(counts.values())
        return {name: count / total for name, count in counts.items()} if self._counts else {}


PATCH = Patch(
    name="bit widths of weights",
    targets=(
        Target(
            "nncf.quantization.algorithms.weight_compression.algorithm.WeightCompression"
            ".get_bitwidth_distribution_str",
            "self, all_params, ratio_defining_params, skipped_weight_params",
        ),
    ),
    why="a result says which share of the weights has how many bits; NNCF prints it and keeps none",
    how="a method takes them down and calls NNCF's own",
    needed=True,
    methods=(CompressWeights,),
    apply=lambda work: work.bits,
)
