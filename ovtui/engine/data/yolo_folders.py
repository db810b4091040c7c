"""Pictures with boxes as YOLO folders have them: `data.yaml`, `images` and `labels`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ovtui.core.files.reading import read_regular
from ovtui.core.recipes.source import PICTURES
from ovtui.core.text.errors import SourceError, reason
from ovtui.engine.data.annotated_pictures import (
    IMAGE,
    OBJECTS,
    Annotated,
    Box,
    Doubts,
    inside,
    table_of,
)
from ovtui.engine.data.pictures import size_of
from ovtui.engine.data.tables import Row, Table

_FILES = ("data.yaml", "data.yml", "dataset.yaml")
_SPLITS = ("train", "val", "valid", "test")
_MOST_YAML_BYTES = 2**18
_MOST_BYTES = 2**22
"""Of a file of labels, or a list of pictures."""


def yolo_file(folder: Path) -> Path | None:
    """Returns the `data.yaml` of a folder; None where it has none."""
    return next((folder / name for name in _FILES if (folder / name).is_file()), None)


def yolo_splits(file: Path, text: str) -> list[str]:
    """Returns the splits that a `data.yaml` names, and that are there.

    Args:
        file: that `yolo_file` found.
        text: as the recipe names the data, for errors.

    Raises:
        SourceError: the file is damaged.
    """
    settings = _settings(file, text)
    return [
        split for split in _SPLITS if split in settings and list(_places(file, settings, split))
    ]


def from_yolo(file: Path, split: str, text: str) -> Table:
    """Returns the pictures of a split with their boxes.

    Args:
        file: the `data.yaml`.
        split: as it names it.
        text: as the recipe names the data, for errors.

    Raises:
        SourceError: the file is damaged, it has no such split, or its pictures are not there.
    """
    settings, folder = _settings(file, text), file.parent
    names = _names(settings.get("names"), file, text)
    doubts = Doubts()
    pictures = [
        Annotated(name, _boxes(folder, name, len(names), doubts), (1, 1))
        for place in _places(file, settings, split)
        for name in _pictures(place, folder, text)
    ]
    if not pictures:
        given = settings.get(split)
        raise SourceError(
            f"{text}: no pictures of the split {split!r}: {file.name} names {given!r:.80}; "
            f"expected a folder in {folder}"
        )
    if not any((folder / labels_of(it.file)).is_file() for it in pictures):
        raise SourceError(
            f"{text}: no picture of {split!r} has labels: expected {labels_of(pictures[0].file)}"
        )
    return table_of(pictures, names, folder, doubts, text, lambda row: _in_pixels(row, folder))


def labels_of(picture: str) -> str:
    """Returns where a picture's labels are: `labels` for the last `images` of its path, `.txt`."""
    path = Path(picture)
    parts = list(path.parts)
    if "images" in parts[:-1]:
        last = len(parts) - 2 - parts[:-1][::-1].index("images")
        parts[last] = "labels"
    return str(Path(*parts).with_suffix(".txt"))


def _settings(file: Path, text: str) -> dict[str, Any]:
    """What a `data.yaml` says."""
    import yaml

    try:
        settings = yaml.safe_load(read_regular(file, _MOST_YAML_BYTES))
    except (OSError, yaml.YAMLError, ValueError, RecursionError) as error:
        raise SourceError(f"{text}: {file.name}: cannot be read: {reason(error)}") from error
    if not isinstance(settings, dict) or "names" not in settings:
        raise SourceError(
            f"{text}: {file.name}: expected names, train and val; found {settings!r:.60}"
        )
    return settings


def _names(given: Any, file: Path, text: str) -> list[str]:
    """Class names by number, from a list or from a table by number."""
    if isinstance(given, list) and given:
        return [str(name) for name in given]
    if isinstance(given, dict) and given and set(given) == set(range(len(given))):
        return [str(given[number]) for number in range(len(given))]
    raise SourceError(
        f"{text}: {file.name}: names: expected a list, or names by number from 0; found "
        f"{given!r:.60}"
    )


def _places(file: Path, settings: dict[str, Any], split: str) -> Iterator[Path]:
    """Folders and lists of a split's pictures, where they are in the data's folder.

    `path` is where the data were when the file was written, and Roboflow writes `../train/images`
    for `train/images`.
    """
    given = settings.get(split)
    folder = file.parent
    for name in given if isinstance(given, list) else [given]:
        if not isinstance(name, str):
            continue
        parts = [part for part in Path(name).parts if part not in ("..", "/")]
        root = Path(str(settings.get("path") or "")).name
        for place in (folder / name, folder.joinpath(*parts), folder / root / name):
            real = place.resolve()
            if place.exists() and real.is_relative_to(folder.resolve()):
                yield folder / real.relative_to(folder.resolve())
                break


def _pictures(place: Path, folder: Path, text: str) -> list[str]:
    """Paths of pictures in the data's folder, of a folder of them or of a list."""
    if place.is_dir():
        pictures = (path for path in place.rglob("*") if path.suffix.lower() in PICTURES)
        return sorted(str(path.relative_to(folder)) for path in pictures)
    try:
        lines = read_regular(place, _MOST_BYTES).decode(errors="replace").split("\n")
    except OSError as error:
        raise SourceError(f"{text}: {place.name}: {reason(error)}") from error
    names = [str(Path(line.strip())) for line in lines if line.strip()]
    for name in names:
        inside(folder, name, text)
    return names


def _boxes(folder: Path, picture: str, classes: int, doubts: Doubts) -> list[Box]:
    """Boxes of a picture as shares of its width and height; none where it has no labels."""
    place = labels_of(picture)
    try:
        lines = read_regular(folder / place, _MOST_BYTES).decode(errors="replace").splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        doubts.add("files of labels that cannot be read", f"{place} ({reason(error)})")
        return []
    boxes = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        box = _box(line.split(), classes)
        if box is None:
            doubts.add("lines that are no class and box", f"{place}, line {number}")
        else:
            boxes.append(box)
    return boxes


def _box(words: list[str], classes: int) -> Box | None:
    """A box of `class centre-x centre-y width height`, or about an outline `class x y x y x y …`.

    None where the line is neither.
    """
    try:
        category, *sides = (float(word) for word in words)
    except ValueError:
        return None
    known = int(category) if category in range(classes) else None
    if len(sides) == 4:
        x, y, width, height = sides
        return Box(known, x - width / 2, y - height / 2, width, height)
    if len(sides) < 6 or len(sides) % 2:
        return None
    if not all(map(math.isfinite, sides)):
        return Box(known, math.nan, math.nan, math.nan, math.nan)
    xs, ys = sides[::2], sides[1::2]
    return Box(known, min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))


def _in_pixels(row: Row, folder: Path) -> Row:
    """A row whose boxes are pixels; the picture is looked at only now."""
    width, height = size_of(row[IMAGE], folder)
    objects = row[OBJECTS]
    boxes = [
        [left * width, top * height, across * width, down * height]
        for left, top, across, down in objects["bbox"]
    ]
    areas = [box[2] * box[3] for box in boxes]
    return row | {OBJECTS: objects | {"bbox": boxes, "area": areas}}
