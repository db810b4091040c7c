"""Semantic segmentation: a picture in, the class of each of its pixels out."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from ovtui.core.results.class_regions import NONE, Region, SmallMap
from ovtui.core.results.objects import SAME_IOU
from ovtui.core.results.prediction import MaskPrediction
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.masks import read_mask
from ovtui.engine.data.pictures import size_of
from ovtui.engine.data.preprocessing import placement
from ovtui.engine.data.rows import Unusable
from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import Arrays
from ovtui.engine.tasks.answers import PerRow
from ovtui.engine.tasks.class_labels import class_of
from ovtui.engine.tasks.class_maps import (
    NO_CLASS,
    ClassMap,
    Window,
    areas,
    likeliest,
    nearest,
    ratio,
)
from ovtui.engine.tasks.detection_layouts import shown_outputs
from ovtui.engine.tasks.mask_layouts import MaskLayout, recognise_masks
from ovtui.engine.tasks.picture_task import PictureTask

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

_IGNORED = 255
"""What masks of most data sets have where no class is said, as ADE20K's, COCO's and VOC's."""
_SHOWN = 160
"""Pixels of the longer side of the map that is shown, as of the picture beside it."""


class SemanticSegmentation(PictureTask):
    """Pictures whose pixels are of one class each; predictions have the picture's size."""

    _layout: MaskLayout | None = None

    @staticmethod
    def graph(model: PreTrainedModel) -> torch.nn.Module:
        """Returns a module that gives logits alone, without an auxiliary head's."""
        from ovtui.engine.models.wrapped import Wrapped

        class Segmenter(Wrapped):
            def forward(self, pixel_values: torch.Tensor) -> dict[str, torch.Tensor]:
                return {"logits": self.model(pixel_values=pixel_values).logits}

        return Segmenter(model)

    def reference(self, row: Row) -> ClassMap:
        numbers = read_mask(row["mask"], self.folder)
        size = size_of(row["image"], self.folder)
        if numbers.shape != size[::-1]:
            raise Unusable(
                f"mask: is {numbers.shape[1]}x{numbers.shape[0]} pixels, its picture "
                f"{size[0]}x{size[1]}"
            )
        return ClassMap.of(self._classes_of(numbers))

    def restored(self, reference: object) -> ClassMap:
        return msgspec.convert(reference, ClassMap)

    def look_at(self, model: Path, sample: Arrays) -> None:
        super().look_at(model, sample)
        count = len(self.labels) if self.labels else None
        self._layout = recognise_masks(shown_outputs(model), count)

    @property
    def reading(self) -> str:
        if self._layout is None:
            return ""
        ignored = [f"below {self._first}"] * bool(self._first)
        ignored += [] if self._ignored is None else [str(self._ignored)]
        rest = f"; numbers of masks {' or '.join(ignored)} do not count" if ignored else ""
        return self._layout.words + rest

    def predict(self, outputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Returns each picture's scores or classes, as the model gives them."""
        return [
            self.prediction([[it[at : at + 1] for it in outputs]]) for at in range(len(outputs[0]))
        ]

    def prediction(self, calls: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
        assert self._layout is not None, "look_at comes first"
        return self._layout.read(calls[0])

    def within(self, row: Row, prediction: np.ndarray) -> ClassMap:
        """Returns the class of each pixel of the row's picture."""
        size = size_of(row["image"], self.folder)
        window = None
        if self._how is not None:
            height, width = prediction.shape[-2:]
            across, down = width / self._input_size[0], height / self._input_size[1]
            place = placement(size, self._how)
            window = Window(
                place.left * across, place.top * down, place.width * across, place.height * down
            )
        if prediction.ndim == 2:
            return nearest(prediction, size, window)
        return likeliest(prediction, size, window)

    def answer(self, prediction: ClassMap) -> ClassMap:
        return prediction

    def nothing(self, prediction: ClassMap) -> ClassMap:
        return ClassMap.of(np.full((prediction.height, prediction.width), NO_CLASS))

    def agrees(self, one: ClassMap, other: ClassMap) -> bool:
        return _mean_iou(one, other) >= SAME_IOU

    def likeness(self, one: PerRow, other: PerRow) -> list[float]:
        """Returns the mean of what the masks of a picture's classes share of their union."""
        return [_mean_iou(mine, theirs) for mine, theirs in zip(one, other, strict=True)]

    @property
    def sameness(self) -> str:
        return f"the mean over a picture's classes of what masks share of their union: {SAME_IOU:g}"

    def changes(self, one: PerRow, other: PerRow, same: Sequence[bool]) -> list[float]:
        """Returns the share of each picture's pixels that are of another class."""
        return [_changed(mine, theirs) for mine, theirs in zip(one, other, strict=True)]

    def describe(self, prediction: ClassMap) -> MaskPrediction:
        return self._described(np.asarray(prediction))

    def describe_beside(self, prediction: ClassMap, baseline: ClassMap) -> MaskPrediction:
        changed = round(_changed(baseline, prediction), 6)
        return msgspec.structs.replace(self.describe(prediction), changed=changed)

    def name_reference(self, reference: object) -> MaskPrediction:
        return self.describe(self.restored(reference))

    def _described(self, classes: np.ndarray) -> MaskPrediction:
        """The classes by their share, and a map of the size that pictures are shown in."""
        counts = np.bincount(classes.ravel(), minlength=NO_CLASS + 1)[:NO_CLASS]
        order = np.argsort(-counts, kind="stable")[: int((counts > 0).sum())]
        positions = np.full(NO_CLASS + 1, NONE, dtype=np.uint8)
        positions[order[:NONE]] = np.arange(len(order[:NONE]))
        height, width = classes.shape
        scale = min(1.0, _SHOWN / max(width, height))
        small = max(1, round(width * scale)), max(1, round(height * scale))
        down, across = (
            ((np.arange(few) + 0.5) * many / few).astype(int)
            for few, many in ((small[1], height), (small[0], width))
        )
        shown = positions[classes[down[:, None], across]]
        return MaskPrediction(
            regions=[
                Region(
                    label=self.class_name(int(at)), share=round(float(counts[at] / classes.size), 6)
                )
                for at in order
            ],
            map=SmallMap.of(*small, shown.tobytes()),
        )

    def _classes_of(self, numbers: np.ndarray) -> np.ndarray:
        """The model's classes of a mask's numbers, as `NO_CLASS` where these do not count.

        Raises:
            Unusable: a number is of no class.
        """
        lowest, highest = int(numbers.min()), int(numbers.max())
        if lowest < 0 or highest >= NO_CLASS:
            raise Unusable(f"mask: holds {lowest} to {highest}, expected numbers of classes")
        present = np.flatnonzero(np.bincount(numbers.ravel()))
        classes = np.full(highest + 1, NO_CLASS, dtype=np.uint16)
        for number in present.tolist():
            if number >= self._first and number != self._ignored:
                classes[number] = self._class_of(number)
        return classes[numbers]

    def _class_of(self, number: int) -> int:
        second = self._ignored is None and number == _IGNORED
        number = 1 if second else number - self._first + self.data.first_label
        try:
            return class_of(self, number)
        except SourceError as error:
            raise Unusable(f"mask: {error}") from error

    @functools.cached_property
    def _first(self) -> int:
        """The number of the first class in masks: those below do not count.

        It is 1 where the model's own processor takes one off each number (`do_reduce_labels`).
        """
        if self.data.first_label or self.model_folder is None:
            return self.data.first_label
        reduces = getattr(self._processor, "do_reduce_labels", False)
        return int(bool(reduces))

    @functools.cached_property
    def _ignored(self) -> int | None:
        """The number of pixels that do not count; None where 255 is the second of two classes."""
        if self.data.ignore_index is not None:
            return self.data.ignore_index
        return None if self.labels is not None and len(self.labels) == 2 else _IGNORED


def _mean_iou(one: ClassMap, other: ClassMap) -> float:
    both = areas(other, one)
    return float(np.nanmean(ratio(both.shared, both.union)))


def _changed(one: ClassMap, other: ClassMap) -> float:
    """Share of the pixels that are of another class."""
    return float(np.mean(np.asarray(one) != np.asarray(other)))
