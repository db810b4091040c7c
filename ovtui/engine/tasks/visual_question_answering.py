"""Visual question answering: a picture and a question in, an answer out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ovtui.engine.data.pictures import for_processor, read_picture
from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import Arrays
from ovtui.engine.models.processors import arrays_of
from ovtui.engine.tasks.generation import Generation, texts_of
from ovtui.engine.tasks.image_classification import show_picture
from ovtui.engine.tasks.text import text_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class VisualQuestionAnswering(Generation):
    """Questions about pictures, each with the answers that people gave."""

    def own_paths(self, model: PreTrainedModel) -> dict[str, str]:
        return {name: name for name in self.recipe.component_names}

    def inputs(self, row: Row) -> Arrays:
        picture = for_processor(read_picture(row["image"], self.folder), self.processor)
        question = self.prompted("question", text_of(row, "question"))
        encoded = self.processor(images=picture, text=question, return_tensors="np", **self.cut())
        return arrays_of(encoded)

    def processed(self, row: Row) -> Arrays:
        picture = for_processor(read_picture(row["image"], self.folder), self.processor)
        question = self.prompted("question", text_of(row, "question"))
        how = {"return_tensors": "np", **self.cut()}
        return dict(self.processor(images=picture, text=question, **how))

    def reference(self, row: Row) -> list[str]:
        return texts_of(row["answers"], "answers", "answer")

    def name_reference(self, reference: list[str]) -> list[str]:
        """Returns each answer once, those that most people gave first."""
        return sorted(dict.fromkeys(reference), key=lambda answer: -reference.count(answer))

    def doubts(self, row: Row) -> list[str]:
        return self.cut_words("question", row["question"])

    def words(self, row: Row) -> Row:
        return {"question": str(row["question"])}

    def show(self, row: Row, folder: Path, name: str) -> Row:
        return self.words(row) | show_picture(row["image"], self.folder, folder, name)
