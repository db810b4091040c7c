"""Text classification: a text, or a pair of texts, in; one score per class out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ovtui.core.errors import SourceError
from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import Arrays
from ovtui.engine.tasks.classification import Classification
from ovtui.engine.tasks.text import Text, text_of


class TextClassification(Text, Classification):
    """Texts, or pairs of them, with one right class each."""

    columns = ("text", "label")
    calibration_columns = ("text",)
    optional_columns = ("text_pair",)
    shown = ("text", "text_pair")

    def inputs(self, row: Row) -> Arrays:
        return self.tokens(*(text_of(row, name) for name in self.shown if name in row))

    def predict(self, outputs: Sequence[np.ndarray]) -> list[dict[str, Any]]:
        if outputs[0].shape[-1] == 1:
            raise SourceError("the model gives one score, not one for each class")
        return super().predict(outputs)
