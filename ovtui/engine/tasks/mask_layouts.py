"""How a segmentation model's outputs are read: recognised by their shapes and what makes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from ovtui.core.text.errors import SourceError
from ovtui.engine.tasks.detection_layouts import Shown

_NAMES = ("logits", "out", "output")
"""What exporters call the output that counts where there are auxiliary ones."""
_TOP = "TopK"
"""What an ArgMax is in OpenVINO."""


class MaskLayout(NamedTuple):
    """A way to read outputs."""

    words: str
    """What was recognised, for a person."""
    read: Callable[[Sequence[np.ndarray]], np.ndarray]
    """From all outputs for one picture, with a batch axis of one, to float [classes, h, w] of
    scores, or to int [h, w] of classes."""


def recognise_masks(outputs: Sequence[Shown], classes: int | None) -> MaskLayout:
    """Returns how a segmentation model's outputs are read.

    Args:
        outputs: of the model, in its order.
        classes: how many the model tells apart; None where nothing names them.

    Raises:
        SourceError: they are no layout that is known; tells which are.
    """
    named = [at for name in _NAMES for at, it in enumerate(outputs) if it.name == name]
    for at in [*named, *range(len(outputs))]:
        if layout := _layout(at, outputs[at], classes):
            return layout
    shapes = ", ".join(
        f"{it.name or '?'} [{', '.join('?' if size < 0 else str(size) for size in it.shape)}]"
        for it in outputs
    )
    counted = f"; {classes} classes are named, see data.labels" if classes else ""
    raise SourceError(
        f"the outputs ({shapes}) are no layout of a segmentation model that ovtui knows: scores "
        f"[1, classes, H, W] or [1, H, W, classes], or classes [1, H, W]{counted}"
    )


def _layout(at: int, output: Shown, classes: int | None) -> MaskLayout | None:
    """How one output is read; None where it is no map of classes."""
    shape = output.shape
    if len(shape) == 4 and 1 in (shape[1], shape[3]) and classes != shape[1] != 1:
        return _one_channel(at, output, classes, last=True)
    if len(shape) == 3 or (len(shape) == 4 and shape[1] == 1):
        return _one_channel(at, output, classes, last=False)
    if len(shape) != 4:
        return None
    first, last = (classes is not None and shape[axis] == classes for axis in (1, 3))
    if classes is None:
        last = 0 < shape[3] < min(shape[1], shape[2])
        first = shape[1] > 1 and not last
    if first:
        words = f"{shape[1]} scores for each pixel [classes, H, W], between which is interpolated"
        return MaskLayout(words, lambda given: given[at][0].astype(np.float32))
    if last:
        words = f"{shape[3]} scores for each pixel [H, W, classes], between which is interpolated"
        return MaskLayout(words, lambda given: given[at][0].transpose(2, 0, 1).astype(np.float32))
    return None


def _one_channel(at: int, output: Shown, classes: int | None, *, last: bool) -> MaskLayout:
    """A class for each pixel, or how sure the model is of the second of two classes."""

    def values(given: Sequence[np.ndarray]) -> np.ndarray:
        array = given[at][0]
        if array.ndim == 3:
            array = array[..., 0] if last else array[0]
        return array

    if output.made_by == _TOP or (output.made_by != "Sigmoid" and (classes or 3) > 2):
        return MaskLayout(
            "a class for each pixel [H, W]", lambda given: np.rint(values(given)).astype(np.int64)
        )
    limit = 0.5 if output.made_by == "Sigmoid" else 0.0

    def of_two(given: Sequence[np.ndarray]) -> np.ndarray:
        sure = values(given).astype(np.float32) - np.float32(limit)
        return np.stack([np.zeros_like(sure), sure])

    return MaskLayout(f"one score for each pixel [H, W]: the second class above {limit:g}", of_two)
