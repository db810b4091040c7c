"""Pixels as bytes: which number is white is found once for a data set, never row by row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from ovtui.core.text.errors import SourceError
from ovtui.engine.data.rows import Unusable

WHITES = (1, 255, 65535)
"""Of floats from 0 to 1, of bytes, and of 16 bits."""
_TOLERANCE = 1e-3
"""What resampling may add to the largest value, relative to white."""


class Range(NamedTuple):
    """The least and the largest number of pictures."""

    least: float
    most: float


def range_of(arrays: Iterable[np.ndarray]) -> Range | None:
    """Returns the range of the finite numbers in arrays; None where there are none.

    Args:
        arrays: of any shapes and dtypes, looked at in turn: one is in memory at a time.
    """
    ends = [(it.min().item(), it.max().item()) for it in map(_finite, arrays) if it.size]
    return Range(min(low for low, _ in ends), max(high for _, high in ends)) if ends else None


def white_of(numbers: Range) -> int:
    """Returns which number is white, where pictures have numbers in this range.

    Pictures of a data set nearly reach white; half of it is asked for, since 0 to 16 may be
    four bits, and 0 to 4095 twelve.

    Raises:
        SourceError: more than one would do, or none.
    """
    least, most = numbers
    for white, darkest in zip(WHITES, (0, *(white / 2 for white in WHITES[1:])), strict=True):
        if darkest <= most <= white * (1 + _TOLERANCE) and least >= -white * _TOLERANCE:
            return white
    raise SourceError(
        f"image: the pixels are numbers from {least:g} to {most:g}; expected 0 to 1, 0 to 255 or, "
        "of 16 bits, 0 to 65535: convert them to bytes (uint8)"
    )


def as_bytes(array: np.ndarray, white: int) -> np.ndarray:
    """Returns pixels as uint8, in the same shape.

    Args:
        array: of a picture: whole numbers or floats.
        white: the largest level of the data set, such as 1, 255 or 65535.

    Raises:
        Unusable: a number is none, or out of the range that the data set has.
    """
    low, high = (float(array.min()), float(array.max())) if array.size else (0.0, 0.0)
    if not (np.isfinite(low) and np.isfinite(high)):
        raise Unusable("image: holds NaN or infinity")
    if low < -white * _TOLERANCE or high > white * (1 + _TOLERANCE):
        raise Unusable(
            f"image: numbers from {low:g} to {high:g}, in a data set of those from 0 to {white}"
        )
    return (array * (255 / white)).round().clip(0, 255).astype(np.uint8)


def _finite(array: np.ndarray) -> np.ndarray:
    return array[np.isfinite(array)]
