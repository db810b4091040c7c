"""Classification of anything: one score per class out, one right class each."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from ovtui.core.recipes.metrics import NO_CLASS
from ovtui.core.results.prediction import Candidate, ClassPrediction
from ovtui.core.text.errors import SourceError, nearest
from ovtui.engine.data.labels import position_of
from ovtui.engine.data.selection import Row
from ovtui.engine.tasks import Task
from ovtui.engine.tasks.answers import ClassAnswer

_NUMBER = re.compile(r"(?:LABEL_)?(\d+)")
"""A class without a name, as it is or as transformers calls it."""


class Classification(Task):
    """What tasks share whose answer is a class, whatever their input is."""

    def reference(self, row: Row) -> int:
        label = row["label"]
        if isinstance(label, np.generic):
            label = label.item()
        if isinstance(label, bool):
            named = position_of(str(label), self.labels or [])
            return int(label) if named is None else named
        if isinstance(label, float) and label.is_integer():
            label = int(label)  # a CSV column with gaps holds floats
        if isinstance(label, str):
            return self._named(label)
        if not isinstance(label, int):
            raise SourceError(f"label {label}: expected a class index or a name")
        return self._numbered(label)

    def _numbered(self, label: int) -> int:
        """The model's index of a class that the data gives as a number."""
        first = self.data.first_label
        index, names = label - first, self.data_labels or self.labels
        if index < 0 or (names and index >= len(names)):
            last = f" to {first + len(names) - 1}" if names else " or more"
            known = f"the labels are {first}{last}" if names else f"expected {first}{last}"
            advice = ""
            if names and not first and index == len(names):
                advice = "; where they count from 1, give data.first_label = 1"
            raise SourceError(f"label {label}: unknown, {known}{advice}")
        return self._named(self.data_labels[index]) if self.data_labels else index

    def _named(self, label: str) -> int:
        """The model's index of a class that the data gives as text."""
        position = position_of(label, self.labels or [])
        if position is not None:
            return position
        if number := _NUMBER.fullmatch(label.strip()):
            return self._numbered(int(number[1]))
        if not self.labels:
            raise SourceError(
                f"label {label!r}: is a name; list the classes in order as data.labels"
            )
        if label in self.labels:
            raise SourceError(f"label {label!r}: several classes are called so; give numbers")
        raise SourceError(f"label {label!r}: unknown, {nearest(label, self.labels)}")

    def predict(self, outputs: Sequence[np.ndarray]) -> list[ClassAnswer]:
        read = self.classes
        output = outputs[read.index if read else 0]
        scores = output.reshape(len(output), -1).astype(np.float64)
        if read and read.reads == "class":
            return [{"classes": [int(index)], "scores": [1.0]} for index in scores[:, 0]]
        if read and read.reads == "probability":
            scores = np.concatenate([1 - scores, scores], axis=1)
        elif scores.shape[1] == 1:
            raise SourceError("the model gives one score, not one for each class")
        probabilities = _probabilities(scores)
        top = np.argsort(-probabilities, axis=1, kind="stable")[:, : self.shown_classes]
        return [
            {"classes": best.tolist(), "scores": row[best].round(6).tolist()}
            for best, row in zip(top, probabilities, strict=True)
        ]

    def answer(self, prediction: ClassAnswer) -> int:
        return int(prediction["classes"][0])

    def nothing(self, prediction: ClassAnswer) -> ClassAnswer:
        return {**prediction, "classes": [NO_CLASS] * len(prediction["classes"])}

    def describe(self, prediction: ClassAnswer) -> ClassPrediction:
        top = [
            Candidate(label=self.name_reference(index), score=score)
            for index, score in zip(prediction["classes"], prediction["scores"], strict=True)
        ]
        return ClassPrediction(label=top[0].label, score=top[0].score, top=top)

    def name_reference(self, reference: int) -> str:
        known = self.labels or []
        return known[reference] if reference < len(known) else str(reference)


def _probabilities(scores: np.ndarray) -> np.ndarray:
    """Softmax, unless the rows are probabilities already."""
    if (scores >= 0).all() and np.allclose(scores.sum(axis=1), 1, atol=1e-3):
        return scores
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
