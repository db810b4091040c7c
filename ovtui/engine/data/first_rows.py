"""Data looked at: what rows from all of a split tell of its columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ovtui.core.recipes.data_facts import DataColumn, Kind
from ovtui.core.recipes.source import PICTURES, RECORDINGS
from ovtui.engine.data.labels import in_order
from ovtui.engine.data.rows import is_missing
from ovtui.engine.data.tables import Table

_ROWS = 1000
"""Rows that are looked at, spread over the split: classes that few rows have show up."""
_SNIFFED = 8
"""Cells that are looked into to tell what they hold."""
_PICTURE_STARTS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_SOUND_STARTS = (b"fLaC", b"OggS", b"ID3", b"\xff\xfb", b"\xff\xf3")
_MOST_CLASSES = 1000
_LONGEST_NAME = 60
_SHOWN = 60


def columns_of_rows(table: Table) -> list[DataColumn]:
    """Returns what each column of a table holds.

    Args:
        table: of a split; up to 1000 of its rows are read.
    """
    count = min(_ROWS, len(table))
    places = np.unique(np.linspace(0, len(table) - 1, count).astype(int))
    rows = [table[int(place)] for place in places]
    return [
        _column(name, [row.get(name) for row in rows], table.labels.get(name), table)
        for name in table.columns
    ]


def _column(
    name: str, cells: Sequence[Any], classes: Sequence[str] | None, table: Table
) -> DataColumn:
    there = [cell for cell in cells if not is_missing(cell)]
    kind = _kind(there, table.folder) if there else "other"
    numbers = _numbers(there) if kind in ("class", "number") else None
    values = _values(there) if kind in ("name", "class") else []
    listed = classes is not None and not table.sorted_labels
    return DataColumn(
        name=name,
        kind=kind,
        example=_in_words(there[0], kind) if there else "",
        shape=list(np.shape(there[0])) if kind == "array" else [],
        values=list(classes) if classes is not None else values,
        listed=listed,
        lowest=None if numbers is None else float(numbers.min()),
        highest=None if numbers is None else float(numbers.max()),
        deviation=None if numbers is None else float(numbers.std()),
        missing=1 - len(there) / max(len(cells), 1),
        in_order=bool(values) and _is_sorted(there),
    )


def _kind(cells: Sequence[Any], folder: Path | None) -> Kind:
    """What all of the cells hold."""
    kinds = {_kind_of(cell, folder) for cell in cells[:_SNIFFED]}
    kind: Kind = kinds.pop() if len(kinds) == 1 else "other"
    if kind == "text" and _are_few(cells) and max(map(len, cells)) <= _LONGEST_NAME:
        return "name"
    if kind == "number" and (numbers := _numbers(cells)) is not None:
        return "class" if (numbers == np.floor(numbers)).all() and _are_few(cells) else "number"
    return "other" if kind == "number" else kind


def _kind_of(cell: Any, folder: Path | None) -> Kind:
    """What one cell holds, before others are compared with it."""
    match cell:
        case Image.Image():
            return "picture"
        case dict():
            return _kind_of_parts(cell, folder)
        case bytes():
            return _kind_of_bytes(cell)
        case str():
            return _kind_of_text(cell)
        case bool() | int() | float() | np.generic():
            return "number"
        case list() | np.ndarray():
            return _kind_of_list(cell)
    return "other"


def _kind_of_parts(cell: dict[str, Any], folder: Path | None) -> Kind:
    """A file as data sets hold one, or boxes."""
    if {"bbox", "category"} <= set(cell):
        return "objects"
    if "array" in cell and "sampling_rate" in cell:
        return "audio"
    parts = (cell.get(name) for name in ("bytes", "path", "answer", "caption"))
    part = next((it for it in parts if it is not None), None)
    return "other" if part is None else _kind_of(part, folder)


def _kind_of_bytes(cell: bytes) -> Kind:
    riff = cell[8:12] if cell[:4] == b"RIFF" else b""
    if cell.startswith(_PICTURE_STARTS) or riff == b"WEBP":
        return "picture"
    return "audio" if cell.startswith(_SOUND_STARTS) or riff == b"WAVE" else "other"


def _kind_of_text(cell: str) -> Kind:
    """A path by its ending, or a text."""
    suffix = Path(cell.partition("?")[0]).suffix.lower() if len(cell) < 1000 else ""
    if suffix in PICTURES:
        return "picture"
    return "audio" if suffix in RECORDINGS else "text"


def _kind_of_list(cell: Any) -> Kind:
    """Numbers of any shape, pixels, or texts."""
    if len(cell) and isinstance(cell[0], str):
        return "texts"
    if len(cell) and isinstance(cell[0], dict):
        return "texts" if {"answer", "caption"} & set(cell[0]) else "other"
    try:
        array = np.asarray(cell)
    except ValueError:  # lists of unequal length
        return "other"
    if array.dtype.kind not in "fiub":
        return "other"
    pixels = array.ndim == 2 or (array.ndim == 3 and {1, 3, 4} & {array.shape[0], array.shape[-1]})
    return "picture" if array.dtype == np.uint8 and pixels else "array"


def _numbers(cells: Sequence[Any]) -> np.ndarray | None:
    """Cells as float64; None where one is none."""
    try:
        numbers = np.array([float(cell) for cell in cells])
    except (TypeError, ValueError):
        return None
    return numbers if np.isfinite(numbers).all() else None


def _are_few(cells: Sequence[Any]) -> bool:
    """Whether values come again and again, as those of classes do."""
    distinct = len(set(map(str, cells)))
    return distinct <= min(_MOST_CLASSES, max(2, len(cells) // 3))


def _values(cells: Sequence[Any]) -> list[str]:
    """The distinct values; a number with gaps in its column was read as a float."""
    return in_order({str(cell if isinstance(cell, str) else int(cell)) for cell in cells})


def _is_sorted(cells: Sequence[Any]) -> bool:
    """Whether equal values follow each other, and there are several."""
    changes = sum(one != other for one, other in zip(cells, cells[1:], strict=False))
    return 0 < changes < len(set(map(str, cells)))


def _in_words(cell: Any, kind: Kind) -> str:
    if isinstance(cell, str) and kind in ("picture", "audio"):
        return Path(cell).name[-_SHOWN:]
    if isinstance(cell, str | int | float | np.generic):
        return str(cell)[:_SHOWN]
    if isinstance(cell, np.ndarray | list) and _kind_of_list(cell) in ("array", "picture"):
        array = np.asarray(cell)
        return f"{array.dtype} {list(array.shape)}"
    return type(cell).__name__ if not isinstance(cell, list) else str(cell)[:_SHOWN]
