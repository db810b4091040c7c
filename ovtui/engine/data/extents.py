"""What values samples have: what a model's inputs cannot hold is found before anything long."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from msgspec import structs

from ovtui.engine.data.rows import Unusable
from ovtui.engine.data.spool import Arrays
from ovtui.engine.store.stage_output import Extent


class Extents:
    """The least and the largest value of each input, over the samples that are added."""

    def __init__(self) -> None:
        self.by_input: dict[str, Extent] = {}

    def add(self, row: int, calls: Sequence[Arrays]) -> None:
        """Takes in a row's inputs.

        Raises:
            Unusable: a value is NaN or infinite, which would spoil calibration and every average.
        """
        ends = [(name, array, *_ends(name, array)) for name, array in _numbers(calls)]
        for name, array, least, most in ends:
            known = self.by_input.get(name)
            if known is None:
                known = Extent(least=least, least_row=row, most=most, most_row=row)
            if least < known.least:
                known = structs.replace(known, least=least, least_row=row)
            if most > known.most:
                known = structs.replace(known, most=most, most_row=row)
            if known.fraction is None and (fraction := _fraction(array)) is not None:
                known = structs.replace(known, fraction=fraction, fraction_row=row)
            self.by_input[name] = known


def _numbers(calls: Sequence[Arrays]) -> Iterator[tuple[str, np.ndarray]]:
    for arrays in calls:
        for name, array in arrays.items():
            if array.dtype.kind in "biuf" and array.size:
                yield name, array


def _ends(name: str, array: np.ndarray) -> tuple[float, float]:
    least, most = float(array.min()), float(array.max())  # booleans have a range too
    if math.isnan(least):  # one NaN makes both ends NaN
        raise Unusable(f"input {name!r} holds NaN")
    if math.isinf(least) or math.isinf(most):
        raise Unusable(f"input {name!r} holds infinity")
    return least, most


def _fraction(array: np.ndarray) -> float | None:
    if array.dtype.kind != "f":
        return None
    broken = array != np.floor(array)
    return float(array[broken].flat[0]) if broken.any() else None
