"""Pictures with boxes as Pascal VOC has them: `Annotations`, `JPEGImages` and `ImageSets`."""

from __future__ import annotations

import math
from pathlib import Path
from xml.etree import ElementTree

from ovtui.core.files.reading import read_regular
from ovtui.core.text.errors import SourceError, reason
from ovtui.engine.data.annotated_pictures import Annotated, Box, Doubts, table_of
from ovtui.engine.data.labels import in_order
from ovtui.engine.data.tables import Table

_ANNOTATIONS, _PICTURES, _LISTS = "Annotations", "JPEGImages", "ImageSets/Main"
_MOST_BYTES = 2**20
_MOST_LIST_BYTES = 2**24
WHOLE = "all"
_ENDINGS = (".jpg", ".jpeg", ".JPG", ".png")


def is_voc(folder: Path) -> bool:
    """Returns whether a folder has annotations as VOC's have."""
    return (folder / _ANNOTATIONS).is_dir() and (folder / _PICTURES).is_dir()


def voc_splits(folder: Path) -> list[str]:
    """Returns the splits that lists name; `all` where there are none.

    Lists of a single class, as `cat_train.txt`, have a second word in each line.
    """
    lists = sorted((folder / _LISTS).glob("*.txt"))
    splits = [path.stem for path in lists if all(len(words) == 1 for words in _lines(path)[:1])]
    return splits or [WHOLE]


def from_voc(folder: Path, split: str, text: str) -> Table:
    """Returns the pictures of a split with their boxes.

    Objects that are marked as difficult count neither as right nor as wrong (Everingham et al.
    2010, 4.1).

    Args:
        folder: of the data set.
        split: name of a list, or `all`.
        text: as the recipe names the data, for errors.

    Raises:
        SourceError: there is no such split, or its pictures are not there.
    """
    annotations = folder / _ANNOTATIONS
    stems = sorted(path.stem for path in annotations.glob("*.xml"))
    listed = folder / _LISTS / f"{split}.txt"
    chosen = [words[0] for words in _lines(listed)] if split != WHOLE else stems
    doubts = Doubts()
    read: dict[str, list[tuple[str, Box]]] = {}
    for stem in stems:  # also of other splits: classes are counted alike in all of them
        try:
            read[stem] = _objects(annotations / f"{stem}.xml")
        except (OSError, ValueError, ElementTree.ParseError) as error:
            if stem in chosen:
                doubts.add("annotations that cannot be read", f"{stem}.xml ({reason(error)})")
    names = in_order({name for objects in read.values() for name, _ in objects})
    pictures = []
    for stem in chosen:
        if stem not in read:
            if not (annotations / f"{stem}.xml").exists():
                doubts.add("pictures without annotations", stem)
            continue
        boxes = [box._replace(category=names.index(name)) for name, box in read[stem]]
        pictures.append(Annotated(_picture(folder, stem), boxes))
    table = table_of(pictures, names, folder / _PICTURES, doubts, text)
    table.sorted_labels = True
    return table


def _objects(path: Path) -> list[tuple[str, Box]]:
    """Names and boxes of a file; pixels there count from 1, and a box includes its last ones.

    Raises:
        OSError: it cannot be read.
        ValueError: it defines entities, which nothing needs and a bomb is made of.
        ElementTree.ParseError: it is no XML.
    """
    data = read_regular(path, _MOST_BYTES)
    if b"<!DOCTYPE" in data.replace(b"\0", b""):  # UTF-16 has a zero between letters
        raise ValueError("has a DOCTYPE, which is not read")
    objects = []
    for it in ElementTree.fromstring(data).iterfind("object"):
        left, top, right, bottom = (
            _number(it.findtext(f"bndbox/{side}")) for side in ("xmin", "ymin", "xmax", "ymax")
        )
        name = (it.findtext("name") or "").strip()
        if not name:
            continue
        difficult = (it.findtext("difficult") or "0").strip() == "1"
        box = Box(None, left - 1, top - 1, right - left + 1, bottom - top + 1, crowd=difficult)
        objects.append((name, box))
    return objects


def _number(text: str | None) -> float:
    """A number; NaN for anything else."""
    try:
        return float(text or "")
    except ValueError:
        return math.nan


def _picture(folder: Path, stem: str) -> str:
    """The file of a picture, whatever its ending."""
    names = [f"{stem}{ending}" for ending in _ENDINGS]
    return next((name for name in names if (folder / _PICTURES / name).exists()), names[0])


def _lines(path: Path) -> list[list[str]]:
    """The words of each line that has some.

    Raises:
        SourceError: the file cannot be read.
    """
    try:
        text = read_regular(path, _MOST_LIST_BYTES).decode(errors="replace")
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {reason(error)}") from error
    return [words for line in text.split("\n") if (words := line.split())]
