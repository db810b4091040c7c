"""Arrays in the element types of OpenVINO: every value stays what it is, or is refused."""

from __future__ import annotations

import numpy as np

from ovtui.core.errors import SourceError

_FLOATS = {"f16": np.float16, "bf16": np.float16, "f32": np.float32, "f64": np.float64}
"""bf16 is kept as OpenVINO's Python keeps it: its bits in arrays that call themselves float16."""
_INTEGERS = {
    f"{sign}{bits}": np.dtype(f"{name}{bits}")
    for sign, name in (("i", "int"), ("u", "uint"))
    for bits in (8, 16, 32, 64)
}
_BOOLEAN = "boolean"
_MOST_TOLD = 2**16
"""Limits beyond which nobody looks for the reason."""


def dtype_of(kind: str) -> np.dtype | None:
    """How numpy stores an element type; None for one that no array can have, as `u4`."""
    if kind == _BOOLEAN:
        return np.dtype(bool)
    if kind == "string":
        return np.dtype(str)
    found = _INTEGERS.get(kind, _FLOATS.get(kind))
    return None if found is None else np.dtype(found)


def limits_of(kind: str) -> tuple[int, int] | None:
    """The least and the largest value of an element type of whole numbers; None of any other."""
    if kind == _BOOLEAN:
        return 0, 1
    if kind not in _INTEGERS:
        return None
    info = np.iinfo(_INTEGERS[kind])
    return int(info.min), int(info.max)


def in_words(kind: str) -> str:
    """What values an element type has, as a person is told."""
    limits = limits_of(kind)
    if limits is None:
        return kind
    ends = f" from {limits[0]} to {limits[1]}" if limits[1] < _MOST_TOLD else ""
    return f"whole numbers{ends} ({kind})"


def converted(array: np.ndarray, kind: str, name: str) -> np.ndarray:
    """An array in an element type, contiguous.

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
        found = _bfloat16(array) if kind == "bf16" else array.astype(dtype)
    if array.dtype.kind == "f" and dtype.kind == "f" and dtype.itemsize < array.dtype.itemsize:
        _check_finite(array, found, name, kind)
    return np.asarray(found, order="C")


def _check_whole(array: np.ndarray, limits: tuple[int, int], name: str, kind: str) -> None:
    if array.dtype.kind == "f" and (broken := array != np.floor(array)).any():
        raise _misfit(name, kind, f"{array[broken].flat[0]:g}")
    for value in (array.min().item(), array.max().item()) if array.size else ():
        if not limits[0] <= value <= limits[1]:
            raise _misfit(name, kind, f"{value:g}")


def _check_finite(array: np.ndarray, found: np.ndarray, name: str, kind: str) -> None:
    """Refuse a finite value that is infinite in the smaller type."""
    values = found.view(np.uint16) << 1 == 0xFF00 if kind == "bf16" else np.isinf(found)
    if (lost := values & np.isfinite(array)).any():
        raise _misfit(name, kind, f"{array[lost].flat[0]:g}")


def _bfloat16(array: np.ndarray) -> np.ndarray:
    """The upper half of float32's bits, rounded to even."""
    bits = np.asarray(array, dtype=np.float32, order="C").view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    return rounded.astype(np.uint16).view(np.float16)


def _misfit(name: str, kind: str, found: str) -> SourceError:
    return SourceError(
        f"input {name!r} of the model takes {in_words(kind)}, the data gives {found}"
    )
