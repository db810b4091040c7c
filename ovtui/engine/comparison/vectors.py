"""How near two vectors are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def cosine(one: Sequence[float] | np.ndarray, other: Sequence[float] | np.ndarray) -> float:
    """Returns the cosine of the angle between two vectors; 1 for two zero vectors, 0 where one is
    zero.
    """
    first: Any = np.asarray(one, dtype=np.float64).ravel()
    second: Any = np.asarray(other, dtype=np.float64).ravel()
    norms = float(np.linalg.norm(first) * np.linalg.norm(second))
    if not norms:
        return float(np.array_equal(first, second))
    return max(-1.0, min(1.0, float(first @ second) / norms))  # rounding gives 1 + 2e-16
