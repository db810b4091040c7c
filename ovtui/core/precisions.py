"""Which precisions a variant runs in, in short."""

from __future__ import annotations

from ovtui.core.result import Variant

_INDICES = ("i32", "i64")
"""What ids and shapes are computed in, whatever the weights are."""
_NOTABLE_SHARE = 0.02
"""A precision that takes less of the time than this is not what a variant runs in."""


def runs_in(variant: Variant) -> str:
    """The precisions that a variant runs in, as in `i8+f32`: those that take notable time.

    Where their shares are not known, the one that floating point was compiled for.
    """
    shares = sorted(variant.executed_precision.items(), key=lambda item: -item[1])
    notable = [name for name, share in shares if share >= _NOTABLE_SHARE and name not in _INDICES]
    return "+".join(notable) or str(variant.execution.get("inference_precision", ""))
