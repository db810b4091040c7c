"""Any model on stored arrays: judged by how near its outputs stay to the baseline's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ovtui.core.errors import SourceError
from ovtui.engine.data import Row
from ovtui.engine.spool import Arrays
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

    def predict(self, outputs: Sequence[np.ndarray]) -> list[list[float]]:
        flat = outputs[0].reshape(len(outputs[0]), -1).astype(np.float64)
        return [[float(value) for value in row] for row in flat]

    def answer(self, prediction: list[float]) -> list[float]:
        return prediction

    def agrees(self, one: list[float], other: list[float]) -> bool:
        return cosine(one, other) >= _SAME_COSINE

    def describe(self, prediction: list[float]) -> dict[str, Any]:
        return {"values": [round(value, 6) for value in prediction[:_SHOWN]]}

    def show(self, row: Row, folder: Path, name: str) -> dict[str, Any]:
        return {
            key: f"{np.asarray(value).dtype}{list(np.asarray(value).shape)}"
            for key, value in row.items()
        }
