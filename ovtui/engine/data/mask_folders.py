"""Folders of pictures, with a mask of a like name for each in another folder."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

from ovtui.core.recipes.source import PICTURES
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.annotated_pictures import IMAGE, Doubts
from ovtui.engine.data.tables import Table

MASK = "mask"
"""The column of masks in these tables."""
_OF_PICTURES = ("images", "image", "imgs", "img", "img_dir", "pictures", "leftimg8bit")
_OF_MASKS = (
    "masks", "mask", "annotations", "annotation", "labels", "label", "ann_dir", "segmentations",
    "segmentation", "gtfine", "gt",
)  # fmt: skip
"""What data sets call the two folders, whatever the case."""
_ENDING = re.compile(r"[_-](leftImg8bit|gtFine_labelTrainIds|masks?|labels?|seg|segmentation|gt)$")
"""What a file's name has more than that of the other one."""
_WHOLE = "all"


class Places(NamedTuple):
    """Where the two files of each row of a split are."""

    pictures: Path
    masks: Path


def mask_splits(folder: Path) -> Mapping[str, Places]:
    """Returns the places of each split: `images/val` and `masks/val`, `val/images` and `val/masks`,
    or `images` and `masks` alone, which is `all`; nothing where the folder has no such pair.
    """
    whole = _pair(folder)
    if whole is None:
        inner = {split: _pair(folder / split) for split in sorted(_folders(folder).values())}
        return {split: places for split, places in inner.items() if places and _rows(places)}
    shared = {
        split: Places(whole.pictures / split, whole.masks / split)
        for split in sorted(_folders(whole.pictures).values())
        if (whole.masks / split).is_dir()
    }
    splits = {split: places for split, places in shared.items() if _rows(places)}
    return splits or ({_WHOLE: whole} if _rows(whole) else {})


def from_masks(places: Places, folder: Path, text: str) -> Table:
    """Returns the rows of a split: pictures that have a mask; others are counted and told.

    Args:
        places: of the split.
        folder: of the data, which paths of the rows start from.
        text: as the recipe names the data, for errors.

    Raises:
        SourceError: no picture has a mask.
    """
    rows, doubts = _rows(places), Doubts()
    pictures, masks = _files(places.pictures), _files(places.masks)
    for name in sorted(pictures.keys() - masks.keys()):
        doubts.add("pictures without a mask", str(pictures[name].relative_to(folder)))
    for name in sorted(masks.keys() - pictures.keys()):
        doubts.add("masks without a picture", str(masks[name].relative_to(folder)))
    if not rows:
        raise SourceError(f"{text}: no picture in {places.pictures} has a mask in {places.masks}")
    paths = [
        {IMAGE: str(pictures[name].relative_to(folder)), MASK: str(masks[name].relative_to(folder))}
        for name in rows
    ]
    table = Table(len(paths), lambda index: dict(paths[index]), [IMAGE, MASK], folder=folder)
    table.note = doubts.note(text)
    return table


def _pair(folder: Path) -> Places | None:
    there = _folders(folder)
    pictures, masks = (_first(names, there) for names in (_OF_PICTURES, _OF_MASKS))
    return Places(folder / pictures, folder / masks) if pictures and masks else None


def _first(names: Collection[str], there: Mapping[str, str]) -> str | None:
    return next((there[name] for name in names if name in there), None)


def _folders(folder: Path) -> dict[str, str]:
    """Names of the folders in a folder, by the same in small letters."""
    if not folder.is_dir():
        return {}
    return {entry.name.lower(): entry.name for entry in folder.iterdir() if entry.is_dir()}


def _rows(places: Places) -> list[str]:
    """Names that both folders have a file of, in order."""
    return sorted(_files(places.pictures).keys() & _files(places.masks).keys())


def _files(folder: Path) -> dict[str, Path]:
    """Pictures anywhere in a folder, by their path in it without endings."""
    return {
        _ENDING.sub("", str(path.relative_to(folder).with_suffix(""))): path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in PICTURES and path.is_file()
    }
