"""Why a compressed variant is hardly faster than the baseline, as facts of `result.json`."""

from __future__ import annotations

from typing import Literal

import msgspec

FAST_ENOUGH = 1.2
"""Times faster than the baseline in the same precision: below it a reason is asked for."""
Why = Literal["no int8", "fixed cost", "floating point", "conversions", "memory", "int8 kernels"]


class SlowReason(msgspec.Struct, frozen=True, kw_only=True):
    """Why a variant is hardly faster, as facts; `core/reports/slow_wording.py` has the sentence."""

    why: Why
    share: float
    """Of the variant's time for one sample."""
    milliseconds: float
    """That this share is."""
    operations: dict[str, float] = {}
    """Shares of its time by the kind of operation, the largest first."""
    count: float = 0
    """Conversions for one sample."""
    baseline_ms: float | None = None
    """Of INT8 kernels: what the same operations take in the baseline."""
    bytes_per_second: float | None = None
    """What operations that wait for memory move."""
    memory_bytes_per_second: float | None = None
    """What the memory does."""
    no_dot_product: bool = False
    """The processor has no instruction that multiplies and adds up 8-bit values."""
