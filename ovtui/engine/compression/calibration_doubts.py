"""Calibration samples that are too few, or all the same, to find ranges from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ovtui.engine.data.spool import Arrays, Spool

_FEW = 10
"""The range of an activation is the mean of its samples' extremes, which varies by the spread of
these over √n: a third of it for ten samples, a seventeenth for NNCF's own 300."""
_USUAL = 300
"""`subset_size` of `nncf.quantize`, where nothing is asked for."""


def doubts(samples: Spool | Sequence[Arrays], asked: int | None = None) -> list[str]:
    """Returns what is to be said of the samples that ranges are found from.

    Args:
        samples: of a model; read only as far as it takes to see two different values.
        asked: how many of them NNCF takes; all when None.
    """
    sentences = []
    fed = min(asked or len(samples), len(samples))
    if fed < _FEW:
        count = "1 sample" if fed == 1 else f"{fed} samples"
        sentences.append(
            f"calibration: ranges are found from {count} (equal ones count once), and other inputs "
            f"may lie beyond them; give {_FEW} or more, NNCF's default is {_USUAL}"
        )
    for name, value in constant_inputs(samples).items():
        sentences.append(
            f"calibration: input {name!r} is {value:g} everywhere in every sample: ranges found "
            "from it fit no other input"
        )
    return sentences


def constant_inputs(samples: Iterable[Arrays]) -> dict[str, float]:
    """Returns inputs of measured values that are the same number everywhere, with that number.

    Those of measured values are in floating point, or bytes, as pictures are: ids and masks of
    int64 may well be all the same, and so may a single number beside another input.
    """
    same: dict[str, float] | None = None
    for arrays in samples:
        if same is None:
            same = {
                name: float(array.flat[0])
                for name, array in arrays.items()
                if array.size > 1 and array.dtype.kind in "fu"
            }
        same = {
            name: value
            for name, value in same.items()
            if name not in arrays or bool(np.all(arrays[name] == value))
        }
        if not same:
            return {}
    return same or {}
