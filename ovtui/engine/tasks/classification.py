"""Classification of anything: one score per class out, one right class each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ovtui.core.recipes.metrics import NO_CLASS
from ovtui.core.results.prediction import Candidate, ClassPrediction
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.selection import Row
from ovtui.engine.tasks import Task
from ovtui.engine.tasks.answers import ClassAnswer
from ovtui.engine.tasks.class_labels import class_of


class Classification(Task):
    """What tasks share whose answer is a class, whatever their input is."""

    def reference(self, row: Row) -> int:
        return class_of(self, row["label"])

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
        return self.class_name(reference)


def _probabilities(scores: np.ndarray) -> np.ndarray:
    """Softmax, unless the rows are probabilities already."""
    if (scores >= 0).all() and np.allclose(scores.sum(axis=1), 1, atol=1e-3):
        return scores
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
