"""What an exported IR says of itself: classes, how pictures become its input, thresholds.

Exporters leave it as `rt_info/model_info`; the keys are those of OpenVINO's Model API
(https://docs.openvino.ai, "Model API", wrapper configuration).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import openvino as ov

from ovtui.core.recipes.recipe import Preprocessing
from ovtui.core.text.errors import SourceError
from ovtui.engine.models.model_files import read_model

_FITS: dict[str, Literal["stretch", "letterbox", "top-left"]] = {
    "standard": "stretch",
    "fit_to_window_letterbox": "letterbox",
    "fit_to_window": "top-left",
}
"""Model API's `resize_type` as a recipe calls it."""


class ExportedInfo(NamedTuple):
    """What a file's `model_info` tells; what it does not tell is None."""

    labels: list[str] | None = None
    preprocessing: Preprocessing | None = None
    confidence: float | None = None
    """Score from which an object counts."""
    iou: float | None = None
    """Of the NMS that follows the graph."""


def exported_info(path: Path) -> ExportedInfo:
    """Returns what a model's file tells; nothing of a file without `model_info`.

    Args:
        path: of an IR or ONNX file.

    Raises:
        SourceError: the file cannot be read, or says what no input can be made by.
    """
    model = read_model(ov.Core(), path)
    if not model.has_rt_info(["model_info"]):
        return ExportedInfo()
    entries = {name: _text(value) for name, value in _table(model).items()}
    return ExportedInfo(
        labels=entries["labels"].split() if entries.get("labels") else None,
        preprocessing=_preprocessing(model, entries, path) if "resize_type" in entries else None,
        confidence=_number(entries, "confidence_threshold", path),
        iou=_number(entries, "iou_threshold", path),
    )


def _table(model: ov.Model) -> Mapping[str, object]:
    table = model.get_rt_info(["model_info"])
    return dict(getattr(table, "value", table))


def _text(value: object) -> str:
    return str(getattr(value, "value", value))


def _preprocessing(model: ov.Model, entries: Mapping[str, str], path: Path) -> Preprocessing:
    """As Model API prepares pictures, which it takes as OpenCV reads them: blue first."""
    kind = entries["resize_type"]
    if kind not in _FITS:
        raise SourceError(
            f"{path.name}: model_info/resize_type is {kind!r}; known are {', '.join(_FITS)}; give "
            "[data.preprocessing] in the recipe"
        )
    shape = model.inputs[0].get_partial_shape()
    if shape.rank.is_dynamic or len(shape) != 4:
        raise SourceError(f"{path.name}: its first input {shape} is no picture")
    last = shape[3].is_static and shape[3].get_length() in (1, 3)
    sides = (shape[1], shape[2]) if last else (shape[2], shape[3])
    if not all(side.is_static for side in sides):
        raise SourceError(
            f"{path.name}: its input {shape} has no size; give data.preprocessing.resize"
        )
    mean, scale = _numbers(entries, "mean_values", path), _numbers(entries, "scale_values", path)
    return Preprocessing(
        resize=[int(side.get_length()) for side in sides],
        fit=_FITS[kind],
        padding=_number(entries, "pad_value", path) or 0.0,
        colour="rgb"
        if entries.get("reverse_input_channels", "").lower() in ("yes", "true")
        else "bgr",
        layout="nhwc" if last else "nchw",
        scale=1.0,
        mean=mean or (0.0,),
        std=scale or (1.0,),
    )


def _number(entries: Mapping[str, str], key: str, path: Path) -> float | None:
    numbers = _numbers(entries, key, path)
    return numbers[0] if numbers else None


def _numbers(entries: Mapping[str, str], key: str, path: Path) -> tuple[float, ...]:
    """Numbers as exporters write them: `255.0`, `[255.0]` or `58.4 57.1 57.4`."""
    text = entries.get(key, "").replace("[", " ").replace("]", " ").replace(",", " ")
    try:
        return tuple(float(part) for part in text.split())
    except ValueError:
        raise SourceError(
            f"{path.name}: model_info/{key} is {entries[key]!r:.40}, expected numbers"
        ) from None
