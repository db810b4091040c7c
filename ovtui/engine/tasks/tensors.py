"""Any model on stored arrays: judged by how near its outputs stay to the baseline's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ovtui.core.errors import SourceError
from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import Arrays
from ovtui.engine.tasks import Task
from ovtui.engine.vectors import cosine

_SHOWN = 8
_SAME_COSINE = 0.999


class Tensors(Task):
    """Rows whose columns are the model's inputs; `data.columns` maps input names to columns."""

    columns = ()
    calibration_columns = ()
    metric = "cosine"

    def inputs(self, row: Row) -> Arrays:
        if not row:
            raise SourceError(
                "data.columns: a 'tensors' recipe names the column of every model input, "
                'as in columns = { input = "x" }'
            )
        return {name: np.asarray(value)[None] for name, value in row.items() if name != "reference"}

    def reference(self, row: Row) -> Any:
        reference = row.get("reference")
        return reference.tolist() if isinstance(reference, np.ndarray | np.generic) else reference

    def predict(self, outputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        # Arrays, since a list of Python's numbers takes eight times as much memory.
        return [np.array(row, dtype=np.float32).ravel() for row in outputs[0]]

    def answer(self, prediction: np.ndarray) -> np.ndarray:
        return prediction

    def vector(self, prediction: np.ndarray) -> np.ndarray:
        return prediction

    def agrees(self, one: np.ndarray, other: np.ndarray) -> bool:
        return cosine(one, other) >= _SAME_COSINE

    def describe(self, prediction: np.ndarray) -> dict[str, Any]:
        return {"values": [round(float(value), 6) for value in prediction[:_SHOWN]]}

    def show(self, row: Row, folder: Path, name: str) -> dict[str, Any]:
        return {
            key: f"{np.asarray(value).dtype}{list(np.asarray(value).shape)}"
            for key, value in row.items()
        }
