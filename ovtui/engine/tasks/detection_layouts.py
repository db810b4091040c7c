"""How a detector's outputs are read: recognised by their shapes, names and what makes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import openvino as ov

from ovtui.core.text.errors import SourceError
from ovtui.engine.data.inputs import names_of
from ovtui.engine.models.model_files import read_model
from ovtui.engine.tasks.boxes import MOST, Boxes, corners, suppressed

NMS_IOU = 0.7
"""What anchor-free detectors of the YOLO family are evaluated with, where the file says nothing."""
_LEAST_SCORE = 0.001
"""Boxes below change no measure that anyone tells apart, and are most of an output's."""
_MOST_BEFORE_NMS = 3000
"""Boxes that NMS looks at: the surest, 10 for each of the 300 that it may keep."""
_CHANGES_SHAPE = {"Concat", "Convert", "Reshape", "Squeeze", "Transpose", "Unsqueeze"}
_PROBABILITIES = {"Sigmoid", "Softmax"}

Read = Callable[[Sequence[np.ndarray]], Boxes]
"""From all outputs for one picture, with a batch axis of one."""


class Layout(NamedTuple):
    """A way to read outputs."""

    words: str
    """What was recognised, for a person."""
    read: Read
    relative: bool = False
    """Boxes are shares of the width and height, not pixels of the model's input."""
    unordered: tuple[int, ...] = ()
    """Outputs [1, objects, values] whose objects come in an order of the model's own: by their
    scores, perhaps. The boxes first."""


class Shown(NamedTuple):
    """An output as its file tells of it."""

    name: str
    shape: tuple[int, ...]
    """-1 for a free size; empty where even their number is free."""
    made_by: str
    """Type of the operation that calculates its values."""


def shown_outputs(model: Path) -> list[Shown]:
    """Returns what an IR or ONNX file tells of its outputs."""
    return [_shown(port) for port in read_model(ov.Core(), model).outputs]


def recognise(outputs: Sequence[Shown], classes: int | None, nms_iou: float = NMS_IOU) -> Layout:
    """Returns how a detector's outputs are read.

    Args:
        outputs: of the model, in its order.
        classes: how many the model tells apart; None where nothing names them.
        nms_iou: boxes of one class that share more of their union are of one object.

    Raises:
        SourceError: they are no layout that is known; tells which are.
    """
    layout = (
        _boxes_and_logits(outputs, classes)
        or _detection_output(outputs)
        or _end_to_end(outputs)
        or _anchor_free(outputs, classes, nms_iou)
    )
    if layout is None:
        shapes = ", ".join(f"{it.name or '?'} {_in_words(it.shape)}" for it in outputs)
        raise SourceError(
            f"the outputs ({shapes}) are no layout of a detector that ovtui knows: boxes [1, N, 4] "
            "and logits [1, N, classes], [1, 4 + classes, N], end-to-end [1, N, 6], "
            'DetectionOutput [1, 1, N, 7]; say how to read them with model.decode = "file.py:'
            'function"'
        )
    return layout


def _boxes_and_logits(outputs: Sequence[Shown], classes: int | None) -> Layout | None:
    """DETR and its kin: queries with a box and a score for each class (Carion et al. 2020)."""
    flat = [(at, it) for at, it in enumerate(outputs) if len(it.shape) == 3]
    named = [at for at, it in flat if it.name == "pred_boxes"]
    boxes = named or [at for at, it in flat if it.shape[2] == 4]
    scores = [at for at, it in flat if it.name == "logits"] or [
        at for at, it in flat if at not in boxes[:1]
    ]
    if len(boxes) != 1 or len(scores) != 1 or len(outputs) > 2 and not named:
        return None
    place, score, count = boxes[0], scores[0], outputs[scores[0]].shape[2]
    if count <= 0:
        return None
    if outputs[score].made_by in _PROBABILITIES:
        words, read = "probabilities", _each_class(lambda values: values)
    elif classes is None:
        raise SourceError(
            f"the output {outputs[score].name!r} has {count} scores for each box: name the model's "
            "classes as data.labels; one score more than these is that of no object"
        )
    elif count == classes + 1:
        words, read = "logits, the last one of no object (softmax)", _best_class
    elif count == classes:
        words, read = "logits of each class (sigmoid)", _each_class(_sigmoid)
    else:
        raise SourceError(
            f"the output {outputs[score].name!r} has {count} scores for each box, and {classes} "
            "classes are named: expected as many, or one more for no object; list them as "
            "data.labels"
        )

    def both(given: Sequence[np.ndarray]) -> Boxes:
        return read(corners(_float(given[place][0])), _float(given[score][0]))

    described = f"{count} {words} and a box for each query"
    return Layout(described, both, relative=True, unordered=(place, score))


def _best_class(boxes: np.ndarray, logits: np.ndarray) -> Boxes:
    """As `post_process_object_detection` of DETR and YOLOS: one class for each query."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = (exponentials / exponentials.sum(axis=1, keepdims=True))[:, :-1]
    return Boxes(boxes, shares.max(axis=1), shares.argmax(axis=1)).surest()


def _each_class(
    probability: Callable[[np.ndarray], np.ndarray],
) -> Callable[[np.ndarray, np.ndarray], Boxes]:
    """As that of Deformable DETR and RT-DETR: a query may stand for several classes.

    They keep 100 or as many as there are queries; here it is 300 for all, as RT-DETR has queries.
    """

    def read(boxes: np.ndarray, scores: np.ndarray) -> Boxes:
        count = scores.shape[1]
        flat = probability(scores).ravel()
        order = np.argsort(-flat, kind="stable")[:MOST]
        return Boxes(boxes[order // count], flat[order], order % count)

    return read


def _detection_output(outputs: Sequence[Shown]) -> Layout | None:
    """OpenVINO's DetectionOutput: [picture, class, score, left, top, right, bottom], as shares."""
    place = next(
        (at for at, it in enumerate(outputs) if len(it.shape) == 4 and it.shape[-1] == 7), None
    )
    if place is None:
        return None

    def read(given: Sequence[np.ndarray]) -> Boxes:
        rows = _float(given[place]).reshape(-1, 7)
        ends = np.flatnonzero(rows[:, 0] < 0)  # a picture of -1 stands after the last box
        rows = rows[: ends[0]] if len(ends) else rows
        return Boxes(rows[:, 3:], rows[:, 2], rows[:, 1].astype(int)).surest()

    return Layout("DetectionOutput, boxes as shares of the input", read, relative=True)


def _end_to_end(outputs: Sequence[Shown]) -> Layout | None:
    """Detectors that need no NMS: [left, top, right, bottom, score, class] in pixels."""
    if len(outputs) != 1 or len(outputs[0].shape) != 3 or outputs[0].shape[2] != 6:
        return None

    def read(given: Sequence[np.ndarray]) -> Boxes:
        rows = _float(given[0][0])
        return Boxes(rows[:, :4], rows[:, 4], rows[:, 5].astype(int)).surest()

    return Layout("end-to-end [N, 6]: box in pixels, score, class; no NMS", read, unordered=(0,))


def _anchor_free(outputs: Sequence[Shown], classes: int | None, nms_iou: float) -> Layout | None:
    """[centre x, centre y, width, height, a score for each class] in pixels, for many places."""
    if len(outputs) != 1 or len(outputs[0].shape) != 3:
        return None
    rows, columns = outputs[0].shape[1:]
    wanted = None if classes is None else 4 + classes
    if wanted in (rows, columns):
        values_first = rows == wanted
    elif wanted is None and rows > 4 and columns > 4 and rows != columns:
        values_first = rows < columns
    else:
        return None

    def read(given: Sequence[np.ndarray]) -> Boxes:
        values = _float(given[0][0])
        values = values.T if values_first else values
        place, label = np.nonzero(values[:, 4:] > _LEAST_SCORE)
        boxes = corners(values[:, :4])[place]
        candidates = Boxes(boxes, values[:, 4:][place, label], label).surest(_MOST_BEFORE_NMS)
        return suppressed(candidates, nms_iou)

    count = (rows if values_first else columns) - 4
    order = "[4 + classes, N]" if values_first else "[N, 4 + classes]"
    words = f"anchor-free {order}: box in pixels, {count} scores; NMS of our own at {nms_iou:g}"
    return Layout(words, read)


def _shown(port: ov.Output) -> Shown:
    shape = port.get_partial_shape()
    sizes = (
        ()
        if shape.rank.is_dynamic
        else tuple(int(size.get_length()) if size.is_static else -1 for size in shape)
    )
    node = port.get_node()
    while node.get_type_name() in {"Result", *_CHANGES_SHAPE}:
        node = node.input_value(0).get_node()
    return Shown(next(iter(sorted(names_of(port))), ""), sizes, node.get_type_name())


def _float(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float64)


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -500, 500))))


def _in_words(shape: Sequence[int]) -> str:
    return f"[{', '.join('?' if size < 0 else str(size) for size in shape)}]"
