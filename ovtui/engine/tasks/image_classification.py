"""Image classification: a picture in, one score per class out."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ovtui.core.recipes.recipe import Preprocessing
from ovtui.engine.data.pictures import for_processor, read_picture
from ovtui.engine.data.preprocessing import preprocess
from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import Arrays
from ovtui.engine.models.processors import arrays_of, load_image_processor
from ovtui.engine.tasks.classification import Classification

if TYPE_CHECKING:
    from transformers import BaseImageProcessor

_THUMBNAIL = 160


class ImageClassification(Classification):
    """Pictures with one right class each."""

    def inputs(self, row: Row) -> Arrays:
        picture = read_picture(row["image"], self.folder)
        if self.data.preprocessing is None and self.model_folder is not None:
            picture = for_processor(picture, self._processor)
            return arrays_of(self._processor(picture, return_tensors="np"))
        return {"pixel_values": preprocess(picture, self.data.preprocessing or Preprocessing())}

    def processed(self, row: Row) -> Arrays | None:
        if self.data.preprocessing is not None or self.model_folder is None:
            return None
        picture = for_processor(read_picture(row["image"], self.folder), self._processor)
        return dict(self._processor(images=picture, return_tensors="np"))

    def show(self, row: Row, folder: Path, name: str) -> Row:
        return show_picture(row["image"], self.folder, folder, name)

    @functools.cached_property
    def _processor(self) -> BaseImageProcessor:
        return load_image_processor(self.model_folder)


def show_picture(cell: Any, source: Path | None, folder: Path, name: str) -> Row:
    """Writes a thumbnail into a folder, and returns where it is, as a sample's input tells it.

    Args:
        cell: a picture of any kind.
        source: folder that paths are relative to.
        folder: for the thumbnail.
        name: of its file.
    """
    picture = read_picture(cell, source).convert("RGB")
    picture.thumbnail((_THUMBNAIL, _THUMBNAIL))
    path = folder / f"{name}.png"
    picture.save(path)
    return {"image": f"{folder.name}/{path.name}"}
