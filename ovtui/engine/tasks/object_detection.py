"""Object detection: a picture in, objects with their boxes, classes and scores out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ovtui.core.recipes.source import PythonFunction, data_source
from ovtui.core.results.objects import SAME_IOU, DetectedObject, matched
from ovtui.core.results.prediction import DetectionPrediction
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.pictures import size_of
from ovtui.engine.data.preprocessing import placement
from ovtui.engine.data.rows import Unusable
from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import Arrays
from ovtui.engine.hub.python_function import call_function
from ovtui.engine.tasks.answers import Objects, surely
from ovtui.engine.tasks.boxes import SURE, Boxes, likest
from ovtui.engine.tasks.class_labels import class_of
from ovtui.engine.tasks.detection_layouts import NMS_IOU, Layout, recognise, shown_outputs
from ovtui.engine.tasks.picture_task import PictureTask

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


class ObjectDetection(PictureTask):
    """Pictures with any number of objects; a prediction's boxes are in pixels of the picture."""

    _layout: Layout | None = None
    _names: Sequence[str] = ()
    """Of the model's outputs."""

    @staticmethod
    def graph(model: PreTrainedModel) -> torch.nn.Module:
        """Returns a module that gives logits and boxes alone: auxiliary outputs of the decoder's
        layers would be calculated, kept and compared for nothing.
        """
        from ovtui.engine.models.wrapped import Wrapped

        class Detector(Wrapped):
            def forward(
                self, pixel_values: torch.Tensor, pixel_mask: torch.Tensor | None = None
            ) -> dict[str, torch.Tensor]:
                further = {} if pixel_mask is None else {"pixel_mask": pixel_mask}
                outputs = self.model(pixel_values=pixel_values, **further)
                return {name: outputs[name] for name in ("logits", "pred_boxes")}

        return Detector(model)

    def reference(self, row: Row) -> Objects:
        there = row["objects"]
        if not isinstance(there, dict) or not {"bbox", "category"} <= set(there):
            raise SourceError(
                f"objects: expected {{bbox, category}}, found {there!r:.60}; bbox is a list of "
                "[x, y, width, height] in pixels"
            )
        sides, labels = list(there["bbox"]), list(there["category"])
        if len(sides) != len(labels):
            raise Unusable(f"objects: {len(sides)} boxes, and {len(labels)} categories")
        size = size_of(row["image"], self.folder)
        boxes = [_box(number, box, size) for number, box in enumerate(sides)]
        areas = there.get("area") or [math.prod(_lengths(box)) for box in boxes]
        crowds = there.get("iscrowd") or [False] * len(boxes)
        return {
            "boxes": boxes,
            "classes": [class_of(self, label) for label in labels],
            "areas": [float(area) for area in areas],
            "crowds": [bool(crowd) for crowd in crowds],
        }

    def look_at(self, model: Path, sample: Arrays) -> None:
        super().look_at(model, sample)
        outputs = shown_outputs(model)
        self._names = [it.name or str(number) for number, it in enumerate(outputs)]
        if self.recipe.model.decode is not None:
            self._layout = Layout(f"read by {self.recipe.model.decode}", self._decoded)
        else:
            count = len(self.labels) if self.labels else None
            self._layout = recognise(outputs, count, self._exported.iou or NMS_IOU)

    @property
    def reading(self) -> str:
        return self._layout.words if self._layout else ""

    def predict(self, outputs: Sequence[np.ndarray]) -> list[Boxes]:
        """Returns what is found in each picture, in pixels or shares of the model's input."""
        assert self._layout is not None, "look_at comes first"
        read = self._layout.read
        return [read([it[at : at + 1] for it in outputs]) for at in range(len(outputs[0]))]

    def prediction(self, calls: Sequence[Sequence[np.ndarray]]) -> Boxes:
        assert self._layout is not None, "look_at comes first"
        return self._layout.read(calls[0])

    def in_order(self, one: Arrays, other: Arrays) -> Arrays:
        ordered = self._layout.unordered if self._layout else ()
        names, theirs = list(other), list(one.values())
        wants, gots = ([side[at][0] for at in ordered] for side in (theirs, list(other.values())))
        if not ordered or [it.shape for it in wants] != [it.shape for it in gots]:
            return other
        if not all(np.isfinite(it).all() for it in gots):
            return other
        order = likest(*(np.concatenate(it, axis=-1).astype(float) for it in (wants, gots)))
        moved = {names[at]: other[names[at]][:, order] for at in ordered}
        return {name: moved.get(name, array) for name, array in other.items()}

    def within(self, row: Row, prediction: Boxes) -> Objects:
        """Returns the objects with their boxes in pixels of the row's picture."""
        size = size_of(row["image"], self.folder)
        boxes = prediction.boxes
        if self._layout is not None and self._layout.relative:
            whole = self._input_size if self._how is not None else size
            boxes = boxes * np.array([*whole, *whole], dtype=float)
        if self._how is not None:
            boxes = placement(size, self._how).back(boxes, size)
        return {
            "boxes": boxes.tolist(),
            "classes": prediction.classes.tolist(),
            "scores": prediction.scores.tolist(),
        }

    def answer(self, prediction: Objects) -> Objects:
        return prediction

    def as_right(self, answers: Sequence[Objects]) -> list[Objects]:
        return [surely(it, self.sureness) for it in answers]

    def nothing(self, prediction: Objects) -> Objects:
        return {"boxes": [], "classes": [], "scores": []}

    def agrees(self, one: Objects, other: Objects) -> bool:
        return not self._described(one).differs(self._described(other))

    def likeness(self, one: Sequence[Objects], other: Sequence[Objects]) -> list[float | None]:
        """Returns twice the objects that both find, over those that either finds."""
        pairs = (
            (self._described(mine).objects, self._described(theirs).objects)
            for mine, theirs in zip(one, other, strict=True)
        )
        return [
            2 * len(matched(after, before)) / (len(before) + len(after))
            if before or after
            else None
            for before, after in pairs
        ]

    @property
    def sureness(self) -> float:
        """Score from which an object counts as found; a file may tell its own."""
        return self._exported.confidence or SURE

    @property
    def sameness(self) -> str:
        return (
            f"the same objects are found with a score from {self.sureness:g}: boxes share "
            f"{SAME_IOU:g} of their union, and the class is the same"
        )

    def describe(self, prediction: Objects) -> DetectionPrediction:
        return self._described(prediction)

    def name_reference(self, reference: Objects) -> DetectionPrediction:
        return self._described(reference)

    def _described(self, objects: Objects) -> DetectionPrediction:
        """The objects that are there, or that the model is sure enough of."""
        scores: Sequence[float | None] = objects.get("scores") or [None] * len(objects["boxes"])
        return DetectionPrediction(
            objects=[
                DetectedObject(
                    label=self.class_name(label),
                    score=None if score is None else round(score, 4),
                    box=(round(box[0], 1), round(box[1], 1), round(box[2], 1), round(box[3], 1)),
                )
                for box, label, score in zip(
                    objects["boxes"], objects["classes"], scores, strict=True
                )
                if score is None or score >= self.sureness
            ]
        )

    def _decoded(self, outputs: Sequence[np.ndarray]) -> Boxes:
        """What a person's own function makes of the outputs."""
        text = self.recipe.model.decode or ""
        source = data_source(text, self.place)
        assert isinstance(source, PythonFunction)
        named = dict(zip(self._names, outputs, strict=False))
        given = call_function(source, text, named, self._input_size)
        try:
            boxes, scores, classes = (np.asarray(it) for it in given)
            objects = Boxes(boxes.reshape(-1, 4).astype(float), scores.astype(float), classes)
            objects = objects._replace(classes=classes.astype(int))
        except (TypeError, ValueError) as error:
            raise SourceError(f"{text}: {_EXPECTED}, found {given!r:.60}") from error
        shapes = [it.shape for it in objects]
        if not objects.boxes.shape[:1] == objects.scores.shape == objects.classes.shape:
            raise SourceError(f"{text}: {_EXPECTED}, found shapes {shapes}")
        if not (np.isfinite(objects.boxes).all() and np.isfinite(objects.scores).all()):
            raise SourceError(f"{text}: {_EXPECTED}, found NaN or infinity")
        return objects.surest()


_EXPECTED = (
    "expected boxes [N, 4] in pixels of the model's input (left, top, right, bottom), scores [N] "
    "and classes [N]"
)


def _box(number: int, sides: Sequence[float], size: tuple[int, int]) -> list[float]:
    """Left, top, right and bottom of [x, y, width, height].

    Raises:
        Unusable: these are no numbers, or no place in the picture.
    """
    try:
        left, top, width, height = (float(side) for side in sides)
    except (TypeError, ValueError):
        raise Unusable(
            f"objects: box {number} is {sides!r:.40}, expected [x, y, width, height]"
        ) from None
    there = f"objects: box {number} is {[left, top, width, height]}"
    if not all(map(math.isfinite, (left, top, width, height))) or width <= 0 or height <= 0:
        raise Unusable(f"{there}: expected a width and height above 0")
    if left >= size[0] or top >= size[1] or left + width <= 0 or top + height <= 0:
        raise Unusable(f"{there}: outside of its picture of {size[0]}x{size[1]} pixels")
    return [left, top, left + width, top + height]


def _lengths(box: Sequence[float]) -> tuple[float, float]:
    return box[2] - box[0], box[3] - box[1]
