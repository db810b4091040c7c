"""Which share of a model's weights `compress_weights` stores in how many bits."""

from __future__ import annotations

from typing import Any

from nncf.quantization.algorithms.weight_compression.algorithm import WeightCompression


class WeightBits:
    """While this context is open, takes down the bit widths that NNCF only prints."""

    def __init__(self) -> None:
        self.shares: dict[str, float] = {}
        """Share of the weights by mode, as in `int4_sym`; `float` for those left alone."""
        self._original = WeightCompression.get_bitwidth_distribution_str

    def __enter__(self) -> WeightBits:
        bits = self

        def noted(self: Any, every: Any, ratio_defining: Any, skipped: Any) -> str:
            bits._take_down(every, skipped)
            return str(bits._original(self, every, ratio_defining, skipped))

        WeightCompression.get_bitwidth_distribution_str = noted
        return self

    def __exit__(self, *_: object) -> None:
        WeightCompression.get_bitwidth_distribution_str = self._original

    def _take_down(self, every: Any, skipped: Any) -> None:
        counts: dict[str, int] = {}
        for weight in every:
            config = weight.compression_config
            name = "float" if config is None else str(config.mode.value)
            counts[name] = counts.get(name, 0) + int(weight.num_weights)
        for weight in skipped:
            counts["float"] = counts.get("float", 0) + int(weight.num_weights)
        total = sum(counts.values())
        self.shares = {name: count / total for name, count in counts.items()} if total else {}


def told(shares: dict[str, float]) -> str:
    """Shares in words, the largest first, as in `int8_asym 60 %, int4_sym 40 %`."""
    ordered = sorted(shares.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {share:.0%}".replace("%", " %") for name, share in ordered)
