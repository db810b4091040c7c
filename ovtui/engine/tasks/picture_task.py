"""What tasks have in common whose model is one graph that is given a picture."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.core.recipes.recipe import Preprocessing
from ovtui.core.recipes.source import File, model_source
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.pictures import for_processor, read_picture, size_of
from ovtui.engine.data.preprocessing import preprocess
from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import Arrays
from ovtui.engine.models.exported_info import ExportedInfo, exported_info
from ovtui.engine.models.processors import arrays_of, load_image_processor
from ovtui.engine.tasks import Task
from ovtui.engine.tasks.image_classification import show_picture

if TYPE_CHECKING:
    from transformers import BaseImageProcessor

_PICTURE_AXES = {"pixel_values": (2, 3), "pixel_mask": (1, 2)}


class PictureTask(Task):
    """Pictures, prepared by the model's own processor, by what its file tells, or by the recipe.

    What it finds is told in pixels of the picture as it came.
    """

    _input_size = (0, 0)
    """Width and height of what the model is given; known once its file is looked at."""

    @classmethod
    def free_axes(cls, asked: PlacedRecipe, folder: Path | None) -> Mapping[str, tuple[int, ...]]:
        """Returns height and width, where the processor keeps a picture's shape."""
        if folder is None or asked.recipe.data.preprocessing is not None:
            return {}
        processor = load_image_processor(folder)
        sizes = [getattr(processor, "pad_size", None), getattr(processor, "size", None)]
        fixed = any(size and dict(size).get("height") for size in sizes)
        return {} if fixed else _PICTURE_AXES

    def inputs(self, row: Row) -> Arrays:
        picture = read_picture(row["image"], self.folder)
        if self._how is not None:
            return {"pixel_values": preprocess(picture, self._how)}
        given = self._processor(images=for_processor(picture, self._processor), return_tensors="np")
        return arrays_of({name: given[name] for name in _PICTURE_AXES if name in given})

    def processed(self, row: Row) -> Arrays | None:
        if self._how is not None:
            return None
        picture = for_processor(read_picture(row["image"], self.folder), self._processor)
        return dict(self._processor(images=picture, return_tensors="np"))

    def look_at(self, model: Path, sample: Arrays) -> None:
        shape = next(iter(sample.values())).shape
        last = self._how is not None and self._how.layout == "nhwc"
        height, width = shape[1:3] if last else shape[2:4]
        self._input_size = (width, height)

    def show(self, row: Row, folder: Path, name: str) -> Row:
        # What is found is counted in pixels of the picture as it came; what is shown is smaller.
        size = size_of(row["image"], self.folder)
        return show_picture(row["image"], self.folder, folder, name) | {"size": list(size)}

    @functools.cached_property
    def _how(self) -> Preprocessing | None:
        """How pictures become inputs; None where the model's own processor does it."""
        if self.data.preprocessing is not None or self.model_folder is not None:
            return self.data.preprocessing
        return self._exported.preprocessing or Preprocessing()

    @functools.cached_property
    def _exported(self) -> ExportedInfo:
        """What the model's file tells; nothing where it is gone, or is no file."""
        try:
            source = model_source(self.recipe.model.source, self.place)
            return exported_info(source.path) if isinstance(source, File) else ExportedInfo()
        except SourceError:
            return ExportedInfo()

    @functools.cached_property
    def _processor(self) -> BaseImageProcessor:
        return load_image_processor(self.model_folder)
