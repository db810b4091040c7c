"""The same three pictures with boxes in each of the layouts that are read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

NAMES = ["cat", "dog"]
SIZES = {"a": (40, 30), "b": (64, 32), "c": (16, 16)}
"""Width and height of each picture."""
OBJECTS = {
    "a": [(1, 10, 5, 20, 10), (0, 0, 0, 8, 6)],
    "b": [(0, 32, 8, 16, 16)],
    "c": [],
}
"""Class, left, top, width and height in pixels from 0."""


def pictures(folder: Path) -> None:
    folder.mkdir(parents=True)
    for number, (name, (width, height)) in enumerate(SIZES.items()):
        pixels = np.random.default_rng(number).integers(0, 256, (height, width, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{name}.jpg")


def coco(folder: Path) -> Path:
    """Writes `annotations/instances_val2017.json` and `val2017`; category ids have a gap."""
    pictures(folder / "val2017")
    write_coco(folder / "annotations" / "instances_val2017.json", coco_table())
    return folder


def coco_table() -> dict[str, list[dict[str, object]]]:
    boxes = [
        {"image_id": number, "category_id": [3, 90][category], "bbox": sides, "area": 7.5}
        for number, name in enumerate(SIZES)
        for category, *sides in OBJECTS[name]
    ]
    images = [
        {"id": number, "file_name": f"{name}.jpg", "width": width, "height": height}
        for number, (name, (width, height)) in enumerate(SIZES.items())
    ]
    # In another order than their ids.
    categories = [{"id": 90, "name": "dog"}, {"id": 3, "name": "cat"}]
    return {"images": images, "annotations": boxes, "categories": categories}


def write_coco(path: Path, table: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(table))


def yolo(folder: Path) -> Path:
    """Writes `data.yaml`, `images/val` and `labels/val`; a picture without objects has no file."""
    pictures(folder / "images" / "val")
    (folder / "labels" / "val").mkdir(parents=True)
    for name, (width, height) in SIZES.items():
        lines = [
            f"{category} {(x + w / 2) / width} {(y + h / 2) / height} {w / width} {h / height}"
            for category, x, y, w, h in OBJECTS[name]
        ]
        if lines:
            (folder / "labels" / "val" / f"{name}.txt").write_text("\n".join(lines) + "\n")
    (folder / "data.yaml").write_text(
        "path: /elsewhere/set\nval: images/val\nnames: {0: cat, 1: dog}\n"
    )
    return folder


def voc(folder: Path) -> Path:
    """Writes `Annotations`, `JPEGImages` and a list `val`; pixels count from 1."""
    pictures(folder / "JPEGImages")
    (folder / "Annotations").mkdir()
    for name in SIZES:
        objects = "".join(
            f"<object><name>{NAMES[category]}</name><bndbox><xmin>{x + 1}</xmin>"
            f"<ymin>{y + 1}</ymin><xmax>{x + w}</xmax><ymax>{y + h}</ymax></bndbox></object>"
            for category, x, y, w, h in OBJECTS[name]
        )
        text = f"<annotation><filename>{name}.jpg</filename>{objects}</annotation>"
        (folder / "Annotations" / f"{name}.xml").write_text(text)
    lists = folder / "ImageSets" / "Main"
    lists.mkdir(parents=True)
    (lists / "val.txt").write_text("a\nb\nc\n")
    (lists / "cat_val.txt").write_text("a  1\nb -1\n")
    return folder


LAYOUTS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "coco": (coco, "val2017"),
    "yolo": (yolo, "val"),
    "voc": (voc, "val"),
}
"""What writes each, and the name of its split."""
