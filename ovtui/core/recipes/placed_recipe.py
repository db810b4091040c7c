"""A recipe together with the folder that it lies in."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ovtui.core.recipes import source
from ovtui.core.recipes.recipe import Recipe


class PlacedRecipe(msgspec.Struct, frozen=True):
    """A recipe, and the folder that its relative paths start from."""

    recipe: Recipe
    base: str

    @property
    def place(self) -> Path:
        """The folder that relative paths start from."""
        return Path(self.base)

    def model_source(self) -> source.ModelSource:
        """Finds where the model comes from.

        Raises:
            SourceError: a named file or folder does not exist, or the recipe names none.
        """
        return source.model_source(self.recipe.model.source, self.place)

    def data_source(self, text: str) -> source.DataSource:
        """Finds where rows, or a metric's function, come from.

        Args:
            text: as the recipe names them.

        Raises:
            SourceError: a named file or folder does not exist, or the text names none.
        """
        return source.data_source(text, self.place)


def placed(recipe: Recipe, folder: Path) -> PlacedRecipe:
    """Returns the recipe with the folder that its relative paths start from."""
    return PlacedRecipe(recipe, str(folder))
