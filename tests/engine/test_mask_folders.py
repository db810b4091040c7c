"""Folders of pictures and masks of like names, and what a recipe makes of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ovtui.core.recipes.source import Folder
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.annotated_folders import annotated_splits, from_annotated_folder
from ovtui.engine.data.first_rows import columns_of_rows
from ovtui.engine.data.splits import splits_of


def write(folder: Path, *names: str, ending: str = ".png") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        path = folder / f"{name}{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.zeros((4, 6), np.uint8)).save(path)


@pytest.mark.parametrize(
    ("pictures", "masks", "split", "ending"),
    [
        ("images/val", "annotations/val", "val", ""),
        ("val/Images", "val/Masks", "val", "_mask"),
        ("img_dir/val", "ann_dir/val", "val", ""),
        ("images", "labels", "all", "-label"),
    ],
)
def test_pictures_and_masks_of_like_names_are_rows(
    tmp_path: Path, pictures: str, masks: str, split: str, ending: str
) -> None:
    write(tmp_path / pictures, "b", "a", "alone", ending=".jpg")
    write(tmp_path / masks, f"a{ending}", f"b{ending}")
    (tmp_path / "notes.txt").write_text("")
    assert list(annotated_splits(tmp_path, "d")) == splits_of(Folder(tmp_path)) == [split]
    table = from_annotated_folder(tmp_path, "d", split)
    assert table is not None and table.folder == tmp_path and len(table) == 2
    assert table[1] == {"image": f"{pictures}/b.jpg", "mask": f"{masks}/b{ending}.png"}
    assert table.note == f"d: left out 1 pictures without a mask, first {pictures}/alone.jpg"
    assert [it.kind for it in columns_of_rows(table)] == ["picture", "picture"]
    with pytest.raises(SourceError, match="no split 'tset'"):
        from_annotated_folder(tmp_path, "d", "tset")


def test_cityscapes_has_its_own_endings_and_folders_of_cities(tmp_path: Path) -> None:
    write(tmp_path / "leftImg8bit/val", "ulm/ulm_1_leftImg8bit")
    write(tmp_path / "gtFine/val", "ulm/ulm_1_gtFine_labelTrainIds", "ulm/ulm_1_gtFine_color")
    table = from_annotated_folder(tmp_path, "d", "val")
    assert table is not None and table[0]["mask"].endswith("ulm_1_gtFine_labelTrainIds.png")
    assert "1 masks without a picture" in str(table.note)


def test_folders_of_classes_are_no_masks(tmp_path: Path) -> None:
    write(tmp_path / "images", "a", "b")
    write(tmp_path / "cats", "c")
    assert from_annotated_folder(tmp_path, "d", "all") is None
    write(tmp_path / "masks", "others")
    assert from_annotated_folder(tmp_path, "d", "all") is None
