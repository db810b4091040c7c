"""Which precisions a variant runs in, in short."""

from __future__ import annotations

from ovtui.core.result import Variant

_FLOATING = ("f32", "f16", "bf16")
_INDICES = ("i32", "i64")
"""What ids and shapes are computed in, whatever the weights are."""
_NOTABLE_SHARE = 0.02
"""A precision that takes less of the time than this is not what a variant runs in."""


def runs_in(variant: Variant) -> str:
    """The precisions that a variant runs in, as in `i8+f32`: those that take notable time."""
    notable = [
        name
        for name, share in variant.executed_precision.items()
        if share >= _NOTABLE_SHARE and name not in _INDICES
    ]
    hint = str(variant.execution.get("inference_precision", ""))
    named = notable
    if hint:
        named = [*(name for name in notable if name not in _FLOATING), hint]
    return "+".join(dict.fromkeys(named))
