"""Pictures from what data sets hold, as a person sees them: upright, in 8 bits."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from ovtui.core.text.errors import SourceError, reason
from ovtui.engine.data.levels import Range, as_bytes, range_of, white_of
from ovtui.engine.data.rows import Unusable
from ovtui.engine.data.tables import Row

if TYPE_CHECKING:
    from transformers import BaseImageProcessor, ProcessorMixin

_DEEP = ("F", "I")
"""Modes of files whose numbers have no range of their own: floats, and 32-bit integers."""
_16_BITS = "I;16"
_MOST_PIXELS = 2**26
"""Of a picture that is scaled by its shortest edge: 200 MB of bytes."""
_GLANCE, _LOOK = 4, 64
"""Rows whose pictures are looked at: to tell whether they are bytes, and if not, what white is."""
_ORIENTATION = 0x0112
"""EXIF's tag of how the camera was held."""
_ON_THEIR_SIDE = (5, 6, 7, 8)
"""Its values that turn a picture by a quarter."""
_DAMAGES = (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError)


def read_picture(cell: Any, folder: Path | None) -> Image.Image:
    """Returns a picture from what a data set holds.

    Args:
        cell: a path, bytes, a PIL image, or an array [H, W], [H, W, C] or [C, H, W]: of bytes, or
            of numbers that by themselves show which of them is white.
        folder: where relative paths start; None where the data are no files of this machine.

    Returns:
        In its own mode; a file is turned as its EXIF data say.

    Raises:
        Unusable: it does not decode.
        SourceError: the cell holds no picture at all, or numbers of an unknown range.
    """
    array = numbers_of(cell)
    if array is None:
        picture = cell if isinstance(cell, Image.Image) else open_picture(cell, folder)
        array = _deep(picture)
        if array is None:
            return picture
    if array.dtype != np.uint8:
        levels = range_of([array])
        array = as_bytes(array, 1 if levels is None else white_of(levels))
    return _from_bytes(array)


def open_picture(cell: object, folder: Path | None) -> Image.Image:
    """Returns the picture of a file in its own mode, upright.

    Args:
        cell: a path, bytes, or a data set's record of them.
        folder: where relative paths start; None where the data are no files of this machine.

    Raises:
        Unusable: it does not decode.
        SourceError: the cell holds no picture at all.
    """
    file = _file(cell)
    name = f"{len(file)} bytes" if isinstance(file, bytes) else str(file)
    try:
        picture: Image.Image = Image.open(_place(file, folder))
        picture.load()
    except UnidentifiedImageError as error:
        raise Unusable(f"{name}: not a picture, or a damaged one") from error
    except Image.DecompressionBombError as error:
        most = 2 * (Image.MAX_IMAGE_PIXELS or 0) // 10**6
        raise Unusable(f"{name}: more than {most} million pixels; make it smaller first") from error
    except _DAMAGES as error:
        raise Unusable(f"{name}: {reason(error)}") from error
    with contextlib.suppress(Exception):  # damaged EXIF data turn nothing
        if picture.getexif().get(_ORIENTATION, 1) != 1:
            return ImageOps.exif_transpose(picture)
    return picture


def size_of(cell: object, folder: Path | None) -> tuple[int, int]:
    """Returns width and height of a picture as `read_picture` gives it; of a file, from its header.

    Args:
        cell: a picture of any kind.
        folder: where relative paths start; None where the data are no files of this machine.

    Raises:
        Unusable: it does not decode.
        SourceError: the cell holds no picture at all.
    """
    if isinstance(cell, Image.Image) or numbers_of(cell) is not None:
        return read_picture(cell, folder).size
    try:
        with Image.open(_place(_file(cell), folder)) as picture:
            width, height = picture.size
            turned = picture.getexif().get(_ORIENTATION, 1) in _ON_THEIR_SIDE
    except _DAMAGES as error:
        raise Unusable(f"image: {reason(error)}") from error
    return (height, width) if turned else (width, height)


def for_processor(
    picture: Image.Image, processor: ProcessorMixin | BaseImageProcessor
) -> Image.Image:
    """Returns a picture as a Hugging Face processor takes it, in RGB.

    Raises:
        Unusable: it is a strip, which scaled by its shortest edge would be huge.
    """
    size = getattr(getattr(processor, "image_processor", processor), "size", None) or {}
    if edge := size.get("shortest_edge"):
        by_shortest_edge(picture.size, edge)
    return picture.convert("RGB")


def by_shortest_edge(size: tuple[int, int], edge: int) -> tuple[int, int]:
    """Returns the size that a picture is scaled to.

    Args:
        size: width and height in pixels.
        edge: pixels that the shortest edge is to have.

    Raises:
        Unusable: a long strip of a picture would become a huge one.
    """
    width, height = (round(length * edge / min(size)) for length in size)
    if width * height > _MOST_PIXELS:
        raise Unusable(f"image: {size[0]}x{size[1]} pixels would be scaled to {width}x{height}")
    return width, height


def find_white(rows: Sequence[Row], column: str, folder: Path | None) -> int | None:
    """Returns which number is white in a data set, as rows from all of it tell.

    Args:
        rows: of the data set.
        column: of pictures.
        folder: that paths are relative to.

    Returns:
        None where pictures are bytes, or files with a range of their own.

    Raises:
        SourceError: the range does not tell.
    """

    def levels(count: int) -> Range | None:
        chosen = np.unique(np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(int))
        looked_at = (rows[int(index)] for index in chosen)
        arrays = (_without_range(row[column], folder) for row in looked_at if column in row)
        return range_of(array for array in arrays if array is not None)

    if levels(_GLANCE) is None:
        return None
    whole = levels(_LOOK)
    return None if whole is None else white_of(whole)


def in_bytes(cell: Any, folder: Path | None, white: int | None) -> Any:
    """Returns a cell of a data set whose white is known; as bytes where it has no range of its own.

    Args:
        cell: a picture of any kind.
        folder: that paths are relative to.
        white: the number that is white; None where bytes are.

    Raises:
        Unusable: its numbers are out of the data set's range.
    """
    array = None if white is None else _without_range(cell, folder)
    return cell if array is None or white is None else as_bytes(array, white)


def numbers_of(cell: object) -> np.ndarray | None:
    """Returns the array of a cell that is one, or a list of numbers; None of any other.

    Raises:
        Unusable: lists of unequal length, or of something else than numbers.
    """
    if isinstance(cell, list):
        try:
            cell = np.asarray(cell)
        except ValueError as error:  # lists of unequal length
            raise Unusable("image: lists of unequal length are no picture") from error
    if not isinstance(cell, np.ndarray):
        return None
    if cell.dtype.kind not in "biuf":
        raise Unusable(f"image: an array of {cell.dtype} is no picture")
    return cell


def _without_range(cell: object, folder: Path | None) -> np.ndarray | None:
    """The numbers of a picture that do not tell which of them is white; None of any other."""
    try:
        array = numbers_of(cell)
        if array is None:
            array = _deep(open_picture(cell, folder)) if _is_deep(cell, folder) else None
    except (Unusable, SourceError):
        return None  # told when the row is read
    return None if array is None or array.dtype == np.uint8 else array


def _is_deep(cell: object, folder: Path | None) -> bool:
    """Whether a file's mode has no range, as its first bytes tell."""
    if isinstance(cell, Image.Image):
        return False
    try:
        with Image.open(_place(_file(cell), folder)) as picture:
            return picture.mode in _DEEP
    except _DAMAGES:
        return False


def _deep(picture: Image.Image) -> np.ndarray | None:
    """The numbers of a picture of more than 8 bits; bytes where the file says what white is."""
    if picture.mode in _DEEP:
        return np.asarray(picture)
    if picture.mode.startswith(_16_BITS):
        return as_bytes(np.asarray(picture), 65535)
    return None


def _file(cell: Any) -> bytes | str | Path:
    """What of a cell is to be opened.

    Raises:
        Unusable: there is none in a data set's record of a picture.
        SourceError: nothing is.
    """
    if isinstance(cell, dict):
        cell = cell["bytes"] if cell.get("bytes") is not None else cell.get("path")
        if cell is None:
            raise Unusable("image: is missing")
    if not isinstance(cell, bytes | str | Path):
        raise SourceError(f"image: expected a path, bytes or an array, found {type(cell).__name__}")
    return cell


def _place(file: bytes | str | Path, folder: Path | None) -> Any:
    return io.BytesIO(file) if isinstance(file, bytes) else (folder or Path()) / file


def _from_bytes(array: np.ndarray) -> Image.Image:
    if array.ndim == 3 and array.shape[0] in (1, 3, 4) and array.shape[2] not in (1, 3, 4):
        array = array.transpose(1, 2, 0)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    try:
        return Image.fromarray(np.ascontiguousarray(array))
    except (TypeError, ValueError) as error:
        raise Unusable(f"an array of shape {list(array.shape)} is no picture") from error
