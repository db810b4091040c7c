"""Image captioning: a picture in, a caption out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ovtui.engine.data.pictures import for_processor, read_picture
from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import Arrays
from ovtui.engine.models.processors import arrays_of
from ovtui.engine.tasks.generation import Generation, texts_of
from ovtui.engine.tasks.image_classification import show_picture

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class ImageToText(Generation):
    """Pictures, each with the captions that people gave."""

    def own_paths(self, model: PreTrainedModel) -> dict[str, str]:
        return {name: name for name in self.recipe.component_names}

    @property
    def of_one_shape(self) -> bool:
        """Where pictures are scaled to a height and a width, not by one of their sides."""
        size = getattr(getattr(self.processor, "image_processor", None), "size", None) or {}
        return "height" in size and "width" in size

    def inputs(self, row: Row) -> Arrays:
        picture = for_processor(read_picture(row["image"], self.folder), self.processor)
        return arrays_of(self.processor(images=picture, return_tensors="np"))

    def processed(self, row: Row) -> Arrays:
        picture = for_processor(read_picture(row["image"], self.folder), self.processor)
        return dict(self.processor(images=picture, return_tensors="np"))

    def reference(self, row: Row) -> list[str]:
        return texts_of(row["captions"], "captions", "caption")

    def show(self, row: Row, folder: Path, name: str) -> Row:
        return show_picture(row["image"], self.folder, folder, name)
