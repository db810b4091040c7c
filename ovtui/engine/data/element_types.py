"""Arrays in the element types of OpenVINO: every value stays what it is, or is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovtui.core.text.errors import SourceError
from ovtui.engine.data.whole_numbers import BOOLEAN, INTEGERS, in_words, limits_of

if TYPE_CHECKING:
    import torch

_FLOATS = {"f16": np.float16, "bf16": np.float16, "f32": np.float32, "f64": np.float64}
"""bf16 is kept as OpenVINO's Python keeps it: its bits in arrays that call themselves float16."""
_INTEGERS = {kind: np.dtype(f"{'u' * (kind[0] == 'u')}int{kind[1:]}") for kind in INTEGERS}


def dtype_of(kind: str) -> np.dtype | None:
    """Returns how numpy stores an element type; None for one that no array can have, as `u4`."""
    if kind == BOOLEAN:
        return np.dtype(bool)
    if kind == "string":
        return np.dtype(str)
    stored = _INTEGERS.get(kind, _FLOATS.get(kind))
    return None if stored is None else np.dtype(stored)


def converted(array: np.ndarray, kind: str, name: str) -> np.ndarray:
    """Returns an array in an element type, contiguous.

    Args:
        array: booleans, integers or floats; or texts for `string`.
        kind: the element type as OpenVINO calls it, as in `i64` or `bf16`.
        name: of the input, for the message.

    Raises:
        SourceError: a value cannot be had in that type: 3.7 or 300 as a byte, 1e6 as `f16`.
    """
    dtype = dtype_of(kind)
    if dtype is None:
        raise SourceError(f"input {name!r} of the model is of type {kind}: not supported")
    if (array.dtype.kind in "US") != (kind == "string") or array.dtype.kind not in "biufUS":
        raise _misfit(name, kind, f"values of type {array.dtype}")
    if array.dtype == dtype and kind != "bf16":
        return np.asarray(array, order="C")
    if (limits := limits_of(kind)) is not None:
        _check_whole(array, limits, name, kind)
    with np.errstate(over="ignore"):
        converted = _bfloat16(array) if kind == "bf16" else array.astype(dtype)
    if array.dtype.kind == "f" and dtype.kind == "f" and dtype.itemsize < array.dtype.itemsize:
        _check_finite(array, converted, name, kind)
    return np.asarray(converted, order="C")


def _check_whole(array: np.ndarray, limits: tuple[int, int], name: str, kind: str) -> None:
    if array.dtype.kind == "f" and (broken := array != np.floor(array)).any():
        raise _misfit(name, kind, f"{array[broken].flat[0]:g}")
    for value in (array.min().item(), array.max().item()) if array.size else ():
        if not limits[0] <= value <= limits[1]:
            raise _misfit(name, kind, f"{value:g}")


def _check_finite(array: np.ndarray, converted: np.ndarray, name: str, kind: str) -> None:
    """Refuse a finite value that is infinite in the smaller type."""
    values = converted.view(np.uint16) << 1 == 0xFF00 if kind == "bf16" else np.isinf(converted)
    if (lost := values & np.isfinite(array)).any():
        raise _misfit(name, kind, f"{array[lost].flat[0]:g}")


def _bfloat16(array: np.ndarray) -> np.ndarray:
    """The upper half of float32's bits, rounded to even."""
    bits = np.asarray(array, dtype=np.float32, order="C").view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    return rounded.astype(np.uint16).view(np.float16)


def _misfit(name: str, kind: str, unfit: str) -> SourceError:
    return SourceError(
        f"input {name!r} of the model takes {in_words(kind)}, the data gives {unfit}"
    )


def array_of(tensor: torch.Tensor) -> np.ndarray:
    """Returns a tensor's values, wherever it is; those of bfloat16, which numpy lacks, as
    float32.
    """
    import torch

    tensor = tensor.detach().cpu()
    values: np.ndarray = (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()
    return values
