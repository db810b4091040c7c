"""Masks from what data sets hold: for each pixel of a picture, the number of its class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from ovtui.core.text.errors import SourceError
from ovtui.engine.data.pictures import open_picture
from ovtui.engine.data.rows import Unusable


def read_mask(cell: object, folder: Path | None) -> np.ndarray:
    """Returns the numbers of a mask, int64 [H, W], as they are stored: a palette's are its indices.

    Args:
        cell: a path, bytes, a PIL image, or an array [H, W], also with an axis of one.
        folder: where relative paths start; None where the data are no files of this machine.

    Raises:
        Unusable: it does not decode, or holds colours, or no whole numbers.
        SourceError: the cell holds no picture at all.
    """
    if isinstance(cell, np.ndarray | list):
        array = _array(cell)
    else:
        picture = cell if isinstance(cell, Image.Image) else open_picture(cell, folder)
        array = np.asarray(picture)
    if array.ndim == 3 and 1 in (array.shape[0], array.shape[2]):
        array = array.reshape([size for size in array.shape if size > 1] or [1, 1])
    if array.ndim == 3 and (array[..., :3] == array[..., :1]).all():
        array = array[..., 0]  # grey, stored as colours
    if array.ndim != 2 or not array.size:
        raise Unusable(
            f"mask: expected one number of a class for each pixel, found {list(array.shape)}"
            + ("; colours are not read as classes" if array.ndim == 3 else "")
        )
    if array.dtype.kind == "f" and not (array == np.floor(array)).all():
        raise Unusable("mask: expected whole numbers, found fractions, NaN or infinity")
    return array.astype(np.int64)


def _array(cell: object) -> np.ndarray:
    try:
        array = np.asarray(cell)
    except ValueError as error:
        raise Unusable("mask: lists of unequal length are no mask") from error
    if array.dtype.kind not in "biuf":
        raise SourceError(f"mask: expected numbers of classes, found an array of {array.dtype}")
    return array
