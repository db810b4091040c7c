"""Translation, summaries and the like: a text in, another text out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ovtui.engine.data import Row
from ovtui.engine.spool import Arrays
from ovtui.engine.tasks.generation import Generation, tensors_to_arrays
from ovtui.engine.tasks.text import text_of


class TextToText(Generation):
    """Texts, each with the text to be made of it."""

    columns = ("text", "target")
    calibration_columns = ("text",)
    metric = "agreement"

    def inputs(self, row: Row) -> Arrays:
        found = self.processor(text_of(row, "text"), truncation=True, return_tensors="np")
        return tensors_to_arrays(found)

    def reference(self, row: Row) -> str:
        return str(row["target"])

    def words(self, row: Row) -> dict[str, Any]:
        return {"text": str(row["text"])}

    def show(self, row: Row, folder: Path, name: str) -> dict[str, Any]:
        return self.words(row)
