"""Pictures with boxes in a COCO JSON file (cocodataset.org/#format-data)."""

from __future__ import annotations

import math
import re
from pathlib import Path

import msgspec

from ovtui.core.files.reading import Damaged, open_regular, read_json
from ovtui.core.text.errors import SourceError, reason
from ovtui.engine.data.annotated_pictures import Annotated, Box, Doubts, inside, table_of
from ovtui.engine.data.tables import Table

_MOST_BYTES = 2**30
"""`instances_train2017.json` has 450 MB, most of it outlines, which are not kept."""
_FIRST_KEY = re.compile(rb'\s*\{\s*"(images|annotations|categories|info|licenses|type)"')
_ALONE = ("annotations", "_annotations.coco")
"""Names of the only file of a folder: the split is the folder."""
_INSTANCES = "instances_"
WHOLE = "all"
_TRIED = 20
"""Pictures that are looked for to tell in which folder they lie."""


class _Image(msgspec.Struct):
    id: int | str
    file_name: str
    width: float | None = None
    height: float | None = None


class _Category(msgspec.Struct):
    id: int
    name: str


class _Annotation(msgspec.Struct):
    image_id: int | str
    category_id: int | None = None
    bbox: list[float | None] | None = None
    area: float | None = None
    iscrowd: int | bool | None = 0


class _Coco(msgspec.Struct):
    images: list[_Image]
    annotations: list[_Annotation]
    categories: list[_Category]


def coco_splits(folder: Path) -> dict[str, Path]:
    """Returns the COCO files of a folder by the split that each holds; none where it has none."""
    splits: dict[str, Path] = {}
    for place in (folder, folder / "annotations"):
        for path in sorted(place.glob("*.json")):
            if (name := _split_of(path, folder)) and is_coco(path):
                splits.setdefault(name, path)
    for inner in sorted(entry for entry in folder.iterdir() if entry.is_dir()):
        for stem in _ALONE:
            path = inner / f"{stem}.json"
            if path.is_file() and is_coco(path):
                splits.setdefault(WHOLE if inner.name == "annotations" else inner.name, path)
    return splits


def is_coco(path: Path) -> bool:
    """Returns whether a file begins as COCO JSON does, with one of its five lists."""
    try:
        with open_regular(path) as file:
            return _FIRST_KEY.match(file.read(4096).removeprefix(b"\xef\xbb\xbf")) is not None
    except OSError:
        return False


def from_coco(folder: Path, split: str, file: Path, text: str) -> Table:
    """Returns the pictures of a COCO file with their boxes.

    Args:
        folder: of the data set.
        split: what the file holds.
        file: of annotations.
        text: as the recipe names the data, for errors.

    Raises:
        SourceError: the file is damaged, or its pictures are not there.
    """
    try:
        coco = read_json(file, _Coco, _MOST_BYTES)
    except (Damaged, OSError) as error:
        raise SourceError(f"{text}: {file.name}: no COCO annotations: {reason(error)}") from error
    doubts = Doubts()
    categories = sorted(coco.categories, key=lambda it: it.id)
    positions = {it.id: position for position, it in enumerate(categories)}
    boxes: dict[int | str, list[Box]] = {image.id: [] for image in coco.images}
    for annotation in coco.annotations:
        if annotation.image_id not in boxes:
            doubts.add("boxes of an unknown picture", f"image_id {annotation.image_id}")
        elif annotation.bbox is not None:
            boxes[annotation.image_id].append(_box(annotation, positions))
    pictures = [Annotated(image.file_name, boxes[image.id], _size(image)) for image in coco.images]
    place = _folder_of_pictures(folder, split, file, pictures, text)
    return table_of(pictures, [it.name for it in categories], place, doubts, text)


def _split_of(path: Path, folder: Path) -> str | None:
    """The split that a file's name tells; of other files beside the pictures none is known."""
    if path.stem in _ALONE:
        return WHOLE
    if path.stem.startswith(_INSTANCES):
        return path.stem.removeprefix(_INSTANCES)
    return path.stem if path.parent != folder or (folder / path.stem).is_dir() else None


def _box(annotation: _Annotation, positions: dict[int, int]) -> Box:
    """A box as it is told; what is no number, or too many or few, becomes NaN."""
    sides = [math.nan if side is None else side for side in annotation.bbox or []]
    left, top, width, height = sides if len(sides) == 4 else [math.nan] * 4
    category = None if annotation.category_id is None else positions.get(annotation.category_id)
    crowd = bool(annotation.iscrowd)
    return Box(category, left, top, width, height, annotation.area, crowd)


def _size(image: _Image) -> tuple[int, int] | None:
    return (int(image.width), int(image.height)) if image.width and image.height else None


def _folder_of_pictures(
    folder: Path, split: str, file: Path, pictures: list[Annotated], text: str
) -> Path:
    """Where the pictures are: by their split's name, in `images`, or beside or below the file."""
    places = [
        folder / split,
        folder / "images" / split,
        folder / split / "images",
        file.parent,
        file.parent / "images",
        folder / "images",
        folder,
    ]
    for place in places:
        if any(inside(place, it.file, text).is_file() for it in pictures[:_TRIED]):
            return place
    return places[0] if places[0].is_dir() else folder
