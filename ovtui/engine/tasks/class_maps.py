"""Which class each pixel of a picture is of: made of a model's scores, and kept packed."""

from __future__ import annotations

import zlib
from typing import NamedTuple

import msgspec
import numpy as np

NO_CLASS = 65535
"""A pixel that is of no class: in a right answer it does not count, in a prediction it is wrong."""
_LEVEL = 1
"""Of zlib: 4 ms for a picture of 640×480, and a hundredth of its pixels' bytes."""


class ClassMap(msgspec.Struct, frozen=True, kw_only=True):
    """The class of each pixel, as the model counts; plain data, packed so that many can be kept."""

    width: int
    height: int
    packed: bytes

    @classmethod
    def of(cls, classes: np.ndarray) -> ClassMap:
        """Returns the map of an array [height, width]."""
        height, width = classes.shape
        packed = zlib.compress(np.ascontiguousarray(classes, dtype="<u2").tobytes(), _LEVEL)
        return cls(width=width, height=height, packed=packed)

    def __array__(self, dtype: np.dtype | None = None, copy: bool | None = None) -> np.ndarray:
        """Unpacks uint16 [height, width]: a person's own metric reads it as any array."""
        values = np.frombuffer(zlib.decompress(self.packed), dtype="<u2")
        return values.reshape(self.height, self.width).astype(dtype or np.uint16)


class Window(NamedTuple):
    """Where a picture lies within an array of scores, in units of that array's pixels."""

    left: float
    top: float
    width: float
    height: float


def likeliest(scores: np.ndarray, size: tuple[int, int], window: Window | None = None) -> ClassMap:
    """Returns the class with the highest score at each pixel of a picture.

    Scores are interpolated bilinearly between pixel centres (`align_corners=False`), as
    `post_process_semantic_segmentation` of transformers does it.

    Args:
        scores: float [classes, h, w].
        size: width and height of the picture.
        window: the picture's place; all of the scores when None.
    """
    place = window or Window(0, 0, scores.shape[2], scores.shape[1])
    if window is None and (scores.shape[2], scores.shape[1]) == size:
        return ClassMap.of(scores.argmax(axis=0))
    down = _weights(size[1], place.top, place.height, scores.shape[1])
    across = _weights(size[0], place.left, place.width, scores.shape[2]).T
    best = np.full(size[::-1], -np.inf, dtype=np.float32)
    classes = np.zeros(size[::-1], dtype=np.uint16)
    for number in _possible(scores):
        values = down @ scores[number].astype(np.float32) @ across
        np.copyto(classes, np.uint16(number), where=values > best)
        np.maximum(best, values, out=best)
    return ClassMap.of(classes)


def nearest(classes: np.ndarray, size: tuple[int, int], window: Window | None = None) -> ClassMap:
    """Returns a model's own classes at each pixel of a picture, without anything in between.

    Args:
        classes: int [h, w].
        size: width and height of the picture.
        window: the picture's place; all of the array when None.
    """
    place = window or Window(0, 0, classes.shape[1], classes.shape[0])
    down, across = (
        np.floor(_centres(count, first, length) + 0.5).clip(0, places - 1).astype(int)
        for count, first, length, places in (
            (size[1], place.top, place.height, classes.shape[0]),
            (size[0], place.left, place.width, classes.shape[1]),
        )
    )
    return ClassMap.of(classes[down[:, None], across])


class Areas(NamedTuple):
    """Pixels of each class, int64 [classes], up to the last one that is there."""

    shared: np.ndarray
    """Of both maps."""
    predicted: np.ndarray
    there: np.ndarray
    """In the right answer, or in what stands for it."""

    @property
    def union(self) -> np.ndarray:
        """Pixels of either map."""
        return self.predicted + self.there - self.shared


def areas(predicted: ClassMap, right: ClassMap) -> Areas:
    """Returns how many pixels of each class two maps share, and have; ignored ones do not count.

    Args:
        predicted: of a picture.
        right: of the same picture and size; its pixels of `NO_CLASS` are ignored.
    """
    got, want = np.asarray(predicted).ravel(), np.asarray(right).ravel()
    known = want != NO_CLASS
    got, want = got[known], want[known]
    parts = (want[got == want], got[got != NO_CLASS], want)
    count = 1 + max((int(part.max()) for part in parts if len(part)), default=0)
    return Areas(*(np.bincount(part, minlength=count) for part in parts))


def ratio(shared: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Returns one over the other; NaN of a class that is nowhere.

    Args:
        shared: int, of any shape.
        whole: int of the same shape.
    """
    return np.divide(shared, whole, out=np.full(whole.shape, np.nan), where=whole > 0)


def _centres(count: int, first: float, length: float) -> np.ndarray:
    """Where the centres of so many pixels lie among others, whose own centres are whole numbers."""
    return (np.arange(count) + 0.5) * (length / count) + first - 0.5


def _weights(count: int, first: float, length: float, places: int) -> np.ndarray:
    """What each of some places gives to each pixel: float32 [count, places], two in a row."""
    centres = _centres(count, first, length).clip(0, places - 1)
    lower = np.minimum(centres.astype(int), max(0, places - 2))
    share = centres - lower
    weights = np.zeros((count, places), dtype=np.float32)
    rows = np.arange(count)
    weights[rows, np.minimum(lower + 1, places - 1)] = share
    weights[rows, lower] += (1 - share).astype(np.float32)
    return weights


def _possible(scores: np.ndarray) -> np.ndarray:
    """The classes that can be the likeliest somewhere, in their order.

    Between four places a class is at most its highest there, and the likeliest one at least the
    highest of all classes' lowest: of 150 classes 10 to 40 are left, and the time with them.
    """
    lowest, highest = scores, scores
    for axis in (1, 2):
        if scores.shape[axis] > 1:
            first, second = (np.arange(scores.shape[axis] - 1) + step for step in (0, 1))
            lowest = np.minimum(lowest.take(first, axis), lowest.take(second, axis))
            highest = np.maximum(highest.take(first, axis), highest.take(second, axis))
    return np.flatnonzero((highest >= lowest.max(axis=0)).any(axis=(1, 2)))
