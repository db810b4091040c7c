"""Translation, summaries and the like: a text in, another text out."""

from __future__ import annotations

from pathlib import Path

from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import Arrays
from ovtui.engine.models.processors import arrays_of
from ovtui.engine.tasks.generation import Generation, texts_of
from ovtui.engine.tasks.text import text_of


class TextToText(Generation):
    """Texts, each with the text, or texts, that may be made of it."""

    def inputs(self, row: Row) -> Arrays:
        text = self.prompted("text", text_of(row, "text"))
        return arrays_of(self.processor(text, return_tensors="np", **self.cut()))

    def processed(self, row: Row) -> Arrays:
        text = self.prompted("text", text_of(row, "text"))
        return dict(self.processor(text, return_tensors="np", **self.cut()))

    def reference(self, row: Row) -> list[str]:
        return texts_of(row["target"], "target", "text")

    def doubts(self, row: Row) -> list[str]:
        return self.cut_words("text", row["text"])

    def words(self, row: Row) -> Row:
        return {"text": str(row["text"])}

    def show(self, row: Row, folder: Path, name: str) -> Row:
        return self.words(row)
