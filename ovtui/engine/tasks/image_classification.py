"""Image classification: a picture in, one score per class out."""

from __future__ import annotations

import functools
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from ovtui.core.errors import SourceError, nearest
from ovtui.core.recipe import Preprocessing
from ovtui.engine.data import Row
from ovtui.engine.spool import Arrays
from ovtui.engine.tasks import Task, Unusable

_INTERPOLATION = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
_THUMBNAIL = 160
_TOP = 5


class ImageClassification(Task):
    """Pictures with one right class each."""

    columns = ("image", "label")
    calibration_columns = ("image",)
    metric = "accuracy"

    def inputs(self, row: Row) -> Arrays:
        picture = read_picture(row["image"], self.folder)
        if self.data.preprocessing is None and self.model_folder is not None:
            pixels = self._processor(picture.convert("RGB"), return_tensors="np")["pixel_values"]
            return {"pixel_values": np.asarray(pixels, dtype=np.float32)}
        return {"pixel_values": preprocess(picture, self.data.preprocessing or Preprocessing())}

    def reference(self, row: Row) -> int:
        label = row["label"]
        if isinstance(label, float | np.floating) and float(label).is_integer():
            label = int(label)  # a CSV column with gaps holds floats
        if isinstance(label, int | np.integer) and not isinstance(label, bool):
            index = int(label)
            if self.data_labels and 0 <= index < len(self.data_labels):
                return self.reference({"label": self.data_labels[index]})
            if self.labels and not 0 <= index < len(self.labels):
                last = len(self.labels) - 1
                raise SourceError(f"label {index}: unknown, the labels are 0 to {last}")
            if index < 0:
                raise SourceError(f"label {index}: unknown, expected 0 or more")
            return index
        if not isinstance(label, str):
            raise SourceError(f"label {label}: expected a class index or a name")
        if not self.labels:
            raise SourceError(
                f"label {label!r}: is a name; list the classes in order as data.labels"
            )
        if label not in self.labels:
            raise SourceError(f"label {label!r}: unknown, {nearest(label, self.labels)}")
        return self.labels.index(label)

    def predict(self, outputs: Sequence[np.ndarray]) -> list[dict[str, Any]]:
        scores = outputs[0].reshape(len(outputs[0]), -1).astype(np.float64)
        probabilities = _probabilities(scores)
        top = np.argsort(-probabilities, axis=1, kind="stable")[:, :_TOP]
        return [
            {"classes": best.tolist(), "scores": row[best].round(6).tolist()}
            for best, row in zip(top, probabilities, strict=True)
        ]

    def answer(self, prediction: dict[str, Any]) -> int:
        return int(prediction["classes"][0])

    def describe(self, prediction: dict[str, Any]) -> dict[str, Any]:
        top = [
            {"label": self.name_reference(index), "score": score}
            for index, score in zip(prediction["classes"], prediction["scores"], strict=True)
        ]
        return {**top[0], "top": top}

    def show(self, row: Row, folder: Path, name: str) -> dict[str, Any]:
        picture = read_picture(row["image"], self.folder).convert("RGB")
        picture.thumbnail((_THUMBNAIL, _THUMBNAIL))
        path = folder / f"{name}.png"
        picture.save(path)
        return {"image": f"{folder.name}/{path.name}"}

    def name_reference(self, reference: int) -> str:
        known = self.labels or []
        return known[reference] if reference < len(known) else str(reference)

    @functools.cached_property
    def _processor(self) -> Any:
        from transformers import AutoImageProcessor

        advice = "give [data.preprocessing] in the recipe"
        folder = Path(self.model_folder or "")
        names = ("preprocessor_config.json", "processor_config.json")
        if not any((folder / name).is_file() for name in names):
            raise SourceError(f"{folder}: has no {names[0]}; {advice}")
        try:
            return AutoImageProcessor.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False
            )
        except Exception as error:
            text = str(error) or type(error).__name__
            why = (
                "needs code from its repository, which is not run"
                if "custom code" in text or "trust_remote_code" in text
                else f"cannot be loaded: {text.splitlines()[0]}"
            )
            raise SourceError(f"{folder}: its image processor {why}; {advice}") from error


def read_picture(cell: Any, folder: Path | None) -> Image.Image:
    """A picture from what a data set holds: a path, bytes, an array, or a PIL image.

    Arrays are [H, W], [H, W, C] or [C, H, W], uint8, or floats from 0 to 1.

    Raises:
        Unusable: it does not decode.
        SourceError: the cell holds no picture at all.
    """
    if isinstance(cell, dict):
        cell = cell["bytes"] if cell.get("bytes") is not None else cell.get("path")
    if isinstance(cell, Image.Image):
        return cell
    if isinstance(cell, list):
        cell = np.asarray(cell)
    if isinstance(cell, np.ndarray):
        return _from_array(cell)
    try:
        if isinstance(cell, bytes):
            picture = Image.open(io.BytesIO(cell))
        elif isinstance(cell, str | Path):
            picture = Image.open((folder or Path()) / cell)
        else:
            raise SourceError(
                f"image: expected a path, bytes or an array, found {type(cell).__name__}"
            )
        picture.load()
    except UnidentifiedImageError as error:
        raise Unusable(f"{_shorten(cell)}: not a picture, or a damaged one") from error
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise Unusable(f"{_shorten(cell)}: {why}") from error
    return picture


def preprocess(picture: Image.Image, how: Preprocessing) -> np.ndarray:
    """A picture as the model's input: float32 [1, C, H, W], or [1, H, W, C]."""
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
    pixels = (pixels / how.scale - np.asarray(how.mean)) / np.asarray(how.std)
    if how.layout == "nchw":
        pixels = pixels.transpose(2, 0, 1)
    return np.ascontiguousarray(pixels[None], dtype=np.float32)


def _resized(size: tuple[int, int], resize: list[int]) -> tuple[int, int]:
    """Width and height for [height, width] or [shortest edge]."""
    if len(resize) == 2:
        return resize[1], resize[0]
    ratio = resize[0] / min(size)
    return round(size[0] * ratio), round(size[1] * ratio)


def _centre(picture: Image.Image, height: int, width: int) -> Image.Image:
    left, top = (picture.width - width) // 2, (picture.height - height) // 2
    return picture.crop((left, top, left + width, top + height))


def _from_array(array: np.ndarray) -> Image.Image:
    if array.ndim == 3 and array.shape[0] in (1, 3, 4) and array.shape[2] not in (1, 3, 4):
        array = array.transpose(1, 2, 0)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.dtype.kind == "f":
        array = (array * 255).round().clip(0, 255).astype(np.uint8)
    try:
        return Image.fromarray(np.ascontiguousarray(array, dtype=np.uint8))
    except (TypeError, ValueError) as error:
        raise Unusable(f"an array of shape {list(array.shape)} is no picture") from error


def _probabilities(scores: np.ndarray) -> np.ndarray:
    """Softmax, unless the rows are probabilities already."""
    if (scores >= 0).all() and np.allclose(scores.sum(axis=1), 1, atol=1e-3):
        return scores
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def _shorten(cell: Any) -> str:
    return f"{len(cell)} bytes" if isinstance(cell, bytes) else str(cell)
