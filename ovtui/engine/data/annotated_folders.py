"""Folders of pictures with boxes or masks, recognised by what lies in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from ovtui.core.text.errors import SourceError, nearest
from ovtui.engine.data.coco_json import coco_splits, from_coco
from ovtui.engine.data.mask_folders import from_masks, mask_splits
from ovtui.engine.data.pascal_voc import from_voc, is_voc, voc_splits
from ovtui.engine.data.tables import Table
from ovtui.engine.data.yolo_folders import from_yolo, yolo_file, yolo_splits


def annotated_splits(folder: Path, text: str) -> Mapping[str, Callable[[], Table]]:
    """Returns what reads each split of a folder of COCO JSON, YOLO, Pascal VOC, or of masks.

    Args:
        folder: of the data.
        text: as the recipe names it, for errors.

    Returns:
        Nothing where the folder is none of these.

    Raises:
        SourceError: it is one of them, and damaged.
    """
    if yaml := yolo_file(folder):
        return {name: partial(from_yolo, yaml, name, text) for name in yolo_splits(yaml, text)}
    if is_voc(folder):
        return {name: partial(from_voc, folder, name, text) for name in voc_splits(folder)}
    if files := coco_splits(folder):
        return {name: partial(from_coco, folder, name, file, text) for name, file in files.items()}
    splits = mask_splits(folder)
    return {name: partial(from_masks, places, folder, text) for name, places in splits.items()}


def from_annotated_folder(folder: Path, text: str, split: str) -> Table | None:
    """Returns the pictures of a split with their boxes or masks; None where a folder has neither.

    Args:
        folder: of the data.
        text: as the recipe names it, for errors.
        split: as the folder calls it.

    Raises:
        SourceError: the folder has other splits, or is damaged.
    """
    splits = annotated_splits(folder, text)
    if not splits:
        return None
    if split not in splits:
        raise SourceError(f"{text}: no split {split!r}, {nearest(split, list(splits))}")
    return splits[split]()
