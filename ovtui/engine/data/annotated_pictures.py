"""Pictures with boxes, as files of annotations list them: checked once, read one at a time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from ovtui.core.text.errors import SourceError
from ovtui.engine.data.tables import Row, Table

IMAGE, OBJECTS = "image", "objects"
"""Columns of these tables."""


class Box(NamedTuple):
    """A box of one object, in pixels that count from 0."""

    category: int | None
    """Position among the data's classes; None where it is none of them."""
    left: float
    top: float
    width: float
    height: float
    area: float | None = None
    """Pixels of the object itself, where that is less than its box."""
    crowd: bool = False
    """What is found there counts neither as right nor as wrong."""


class Annotated(NamedTuple):
    """A picture and what its annotations say."""

    file: str
    """Path in the folder of pictures."""
    boxes: list[Box]
    size: tuple[int, int] | None = None
    """Width and height in pixels; None where they are not told."""


class Doubts:
    """What is wrong with annotations, counted, with the first of each kind."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def add(self, what: str, where: str) -> None:
        """Counts something wrong.

        Args:
            what: it is, as in "empty boxes".
            where: file, line or picture.
        """
        self._counts[what] += 1
        self._first.setdefault(what, where)

    def note(self, text: str) -> str | None:
        """Returns one line about all of them; None where nothing was wrong.

        Args:
            text: the source, as the recipe names it.
        """
        if not self._counts:
            return None
        each = "; ".join(
            f"{count} {what}, first {self._first[what]}" for what, count in self._counts.items()
        )
        return f"{text}: left out {each}"


def table_of(
    pictures: Sequence[Annotated],
    names: Sequence[str],
    folder: Path,
    doubts: Doubts,
    text: str,
    finished: Callable[[Row], Row] = lambda row: row,
) -> Table:
    """Returns rows of pictures and objects, without wrong boxes and missing pictures.

    Args:
        pictures: of a split.
        names: of the classes, by their position.
        folder: that the pictures' paths start from.
        doubts: what was wrong with them so far; all of it becomes the table's note.
        text: as the recipe names the data, for errors.
        finished: what becomes of a row when it is read.

    Raises:
        SourceError: a path leads out of the folder, or no picture is there.
    """
    there: list[Annotated] = []
    for picture in pictures:
        if not inside(folder, picture.file, text).is_file():
            doubts.add("pictures that are not there", str(folder / picture.file))
            continue
        there.append(picture._replace(boxes=_right(picture, doubts)))
    if not there:
        hint = doubts.note(text) or f"{text}: its annotations name no picture"
        raise SourceError(f"{hint}; no picture is left")
    table = Table(
        len(there),
        lambda index: finished(_row(there[index])),
        [IMAGE, OBJECTS],
        labels={OBJECTS: list(names)},
        folder=folder,
    )
    table.has_known_boxes = True
    table.note = doubts.note(text)
    return table


def inside(folder: Path, name: str, text: str) -> Path:
    """Returns the place of a file that annotations name.

    Args:
        folder: that it has to be in, also where it is a link.
        name: its path there.
        text: as the recipe names the data, for errors.

    Raises:
        SourceError: it is elsewhere.
    """
    path = Path(name)
    place = folder / path
    named = path.is_absolute() or ".." in path.parts or "\0" in name
    if named or not place.resolve().is_relative_to(folder.resolve()):
        raise SourceError(
            f"{text}: the annotations name {name!r:.80}, which is outside of {folder}; expected a "
            "path in it"
        )
    return place


def _right(picture: Annotated, doubts: Doubts) -> list[Box]:
    """The boxes of a picture that are some place in it."""
    right = []
    for number, box in enumerate(picture.boxes):
        if wrong := _wrong(box, picture.size):
            doubts.add(wrong, f"box {number} of {picture.file}")
        else:
            right.append(box)
    return right


def _wrong(box: Box, size: tuple[int, int] | None) -> str | None:
    """What is wrong with a box; None where nothing is. One that reaches over the edge is right."""
    if not all(map(math.isfinite, box[1:5])):
        return "boxes with NaN or infinity"
    if box.width <= 0 or box.height <= 0:
        return "boxes without width or height"
    width, height = size or (math.inf, math.inf)
    if box.left >= width or box.top >= height:
        return "boxes outside of their picture"
    if box.left + box.width <= 0 or box.top + box.height <= 0:
        return "boxes outside of their picture"
    return "boxes of an unknown class" if box.category is None else None


def _row(picture: Annotated) -> Row:
    boxes = picture.boxes
    return {
        IMAGE: picture.file,
        OBJECTS: {
            "bbox": [[box.left, box.top, box.width, box.height] for box in boxes],
            "category": [box.category for box in boxes],
            "area": [box.width * box.height if box.area is None else box.area for box in boxes],
            "iscrowd": [int(box.crowd) for box in boxes],
        },
    }
