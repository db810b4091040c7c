"""Image classification: a picture in, one score per class out."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from ovtui.core.recipes.recipe import Preprocessing
from ovtui.engine.data.pictures import by_shortest_edge, for_processor, read_picture
from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import Arrays
from ovtui.engine.models.processors import arrays_of, load_image_processor
from ovtui.engine.tasks.classification import Classification

if TYPE_CHECKING:
    from transformers import BaseImageProcessor

_INTERPOLATION = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
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


def preprocess(picture: Image.Image, how: Preprocessing) -> np.ndarray:
    """Returns a picture as the model's input: float32 [1, C, H, W], or [1, H, W, C]."""
    picture = picture.convert("L" if how.colour == "grey" else "RGB")
    if how.resize is not None:
        picture = picture.resize(
            _resized(picture.size, how.resize), _INTERPOLATION[how.interpolation]
        )
    if how.crop is not None:
        picture = _centre(picture, *how.crop)
    pixels = np.asarray(picture, dtype=np.float32)
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    if how.colour == "bgr":
        pixels = pixels[..., ::-1]
    mean, std = (np.asarray(values, dtype=np.float32) for values in (how.mean, how.std))
    pixels = (pixels / np.float32(how.scale) - mean) / std
    if how.layout == "nchw":
        pixels = pixels.transpose(2, 0, 1)
    return np.ascontiguousarray(pixels[None], dtype=np.float32)


def _resized(size: tuple[int, int], resize: list[int]) -> tuple[int, int]:
    """Width and height for [height, width] or [shortest edge]."""
    return (resize[1], resize[0]) if len(resize) == 2 else by_shortest_edge(size, resize[0])


def _centre(picture: Image.Image, height: int, width: int) -> Image.Image:
    left, top = (picture.width - width) // 2, (picture.height - height) // 2
    return picture.crop((left, top, left + width, top + height))
