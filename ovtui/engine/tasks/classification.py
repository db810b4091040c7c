"""Classification of anything: one score per class out, one right class each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ovtui.core.errors import SourceError, nearest
from ovtui.engine.data.selection import Row
from ovtui.engine.tasks import Task

_TOP = 5


class Classification(Task):
    """What tasks share whose answer is a class, whatever their input is."""

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

    def name_reference(self, reference: int) -> str:
        known = self.labels or []
        return known[reference] if reference < len(known) else str(reference)


def _probabilities(scores: np.ndarray) -> np.ndarray:
    """Softmax, unless the rows are probabilities already."""
    if (scores >= 0).all() and np.allclose(scores.sum(axis=1), 1, atol=1e-3):
        return scores
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
