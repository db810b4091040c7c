"""Speech recognition: a recording in, its words out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ovtui.engine.data import Row
from ovtui.engine.spool import Arrays
from ovtui.engine.tasks.generation import Generation, tensors_to_arrays


class SpeechRecognition(Generation):
    """Recordings, each with the words that are said."""

    columns = ("audio", "text")
    calibration_columns = ("audio",)
    optional_columns = ("sampling_rate",)
    metric = "agreement"

    def inputs(self, row: Row) -> Arrays:
        sound = np.asarray(row["audio"], dtype=np.float32)
        rate = int(row.get("sampling_rate", 16000))
        return tensors_to_arrays(self.processor(sound, sampling_rate=rate, return_tensors="np"))

    def settings(self, model: Any) -> dict[str, Any]:
        asked = self.recipe.generation
        own = {"language": asked.language} if asked.language else {}
        return super().settings(model) | own | ({"task": "translate"} if asked.translate else {})

    def reference(self, row: Row) -> str:
        return str(row["text"])

    def show(self, row: Row, folder: Path, name: str) -> dict[str, Any]:
        return {}
