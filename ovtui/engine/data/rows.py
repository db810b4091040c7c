"""Rows of data on disk, as they were read: what samples are shown from, and timed on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from PIL import Image

from ovtui.engine.data.spool import Arrays, Spool, SpoolWriter
from ovtui.engine.data.tables import Row

_NAME = "rows"
_ARRAY, _BYTES, _JSON = ":array", ":bytes", ":json"
"""Endings of a column's name that tell how its value is stored."""
_READ: dict[str, Callable[[np.ndarray], Any]] = {
    _ARRAY: lambda array: array,
    _BYTES: lambda array: array.tobytes(),
    _JSON: lambda array: msgspec.json.decode(array.tobytes()),
}


class Unusable(Exception):
    """A row that cannot be used (its picture does not decode): it is skipped and counted."""


def is_missing(cell: Any) -> bool:
    """Returns whether a cell holds nothing: None, NaN, as CSV readers have it, or an empty text."""
    if isinstance(cell, float | np.floating):
        return bool(np.isnan(cell))
    return cell is None or (isinstance(cell, str) and not cell.strip())


class RowWriter:
    """Appends rows; use as a context manager."""

    def __init__(self, folder: Path) -> None:
        self._spool = SpoolWriter(folder, _NAME)

    def __enter__(self) -> RowWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._spool.__exit__()

    def append(self, row: Row) -> None:
        """Writes one row: arrays, pictures, bytes, and plain data."""
        stored: Arrays = {}
        for name, value in row.items():
            ending, array = _stored(value)
            stored[name + ending] = array
        self._spool.append(stored)


class Rows:
    """The rows of a folder, by position."""

    def __init__(self, folder: Path) -> None:
        self._spool = Spool(folder, _NAME)

    def __len__(self) -> int:
        return len(self._spool)

    def __getitem__(self, position: int) -> Row:
        row: Row = {}
        for stored, array in self._spool[position].items():
            name, colon, kind = stored.rpartition(":")
            row[name] = _READ[colon + kind](array)
        return row


def _stored(value: Any) -> tuple[str, np.ndarray]:
    """How a value is stored, and the array that holds it."""
    if isinstance(value, dict) and isinstance(value.get("bytes"), bytes):
        value = value["bytes"]  # as data sets hold pictures and sound
    if isinstance(value, Image.Image):
        value = np.asarray(value.convert("RGB"))
    if isinstance(value, np.ndarray) and value.dtype != object:
        return _ARRAY, value
    if isinstance(value, bytes):
        return _BYTES, np.frombuffer(value, dtype=np.uint8)
    return _JSON, np.frombuffer(msgspec.json.encode(value, enc_hook=_plain), dtype=np.uint8)


def _plain(value: Any) -> Any:
    """Numbers and arrays of numpy as Python's, all else as the text that a person would see."""
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else str(value)
