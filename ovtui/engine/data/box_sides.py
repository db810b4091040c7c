"""What the four numbers of a box mean: width and height last, or its right and its bottom."""

from __future__ import annotations

from typing import Any

import numpy as np

from ovtui.core.text.errors import SourceError
from ovtui.engine.data.pictures import size_of
from ovtui.engine.data.rows import Unusable
from ovtui.engine.data.tables import Row, Table

_LOOKED_AT = 32
"""Rows that tell. A set with widths in which every box of so many pictures lies left of its own
width, and above its own height, has not been seen."""
_BEYOND = 1.0
"""Pixels that a box may reach over the edge: annotations are rounded."""


def settle_sides(table: Table, image: str, objects: str) -> None:
    """Makes boxes [left, top, width, height] where a data set has [left, top, right, bottom].

    Hugging Face's sets have the one or the other, and do not say which. The second is taken where
    boxes would reach beyond their pictures otherwise, and none does when it is taken.

    Args:
        table: whose rows are changed as they are read; its note tells of it.
        image: column of pictures.
        objects: column of boxes.
    """
    places = np.arange(len(table)) if table.taken is None else table.taken
    chosen = np.unique(np.linspace(0, len(places) - 1, _LOOKED_AT).astype(int))
    beyond = 0
    for index in places[chosen]:
        row = table[index]
        for box in _boxes(row.get(objects)):
            size = _size(row.get(image), table)
            if size is None:
                break
            if not _fits(box[:2], box[2:], size):
                return
            beyond += not _fits(box[:2], np.add(box[:2], box[2:]), size)
    if not beyond:
        return
    table.change(lambda row: row | {objects: _with_widths(row[objects])})
    why = (
        f"boxes are read as [left, top, right, bottom]: as [x, y, width, height] {beyond} of "
        f"those in {len(chosen)} pictures would reach beyond their picture"
    )
    table.note = f"{table.note}; {why}" if table.note else why


def _boxes(objects: Any) -> list[np.ndarray]:
    """The boxes of a row that are four numbers."""
    if not isinstance(objects, dict):
        return []
    boxes = []
    for box in objects.get("bbox") or []:
        try:
            sides = np.asarray(box, dtype=float)
        except (TypeError, ValueError):
            continue
        if sides.shape == (4,) and np.isfinite(sides).all():
            boxes.append(sides)
    return boxes


def _size(cell: Any, table: Table) -> tuple[int, int] | None:
    """Width and height of a picture; None of one that does not decode."""
    try:
        return size_of(cell, table.folder)
    except (Unusable, SourceError):
        return None


def _fits(first: np.ndarray, last: np.ndarray, size: tuple[int, int]) -> bool:
    """Whether a box from one corner to another lies in a picture."""
    return bool(np.less(first, last).all() and np.less_equal(last, np.add(size, _BEYOND)).all())


def _with_widths(objects: Row) -> Row:
    boxes = [
        [left, top, right - left, bottom - top] for left, top, right, bottom in objects["bbox"]
    ]
    return objects | {"bbox": boxes}
