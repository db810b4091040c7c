"""What a run's request would have this machine run or read, for who has not made it here."""

from __future__ import annotations

from pathlib import Path

from ovtui.core.recipes.recipe import Recipe
from ovtui.core.recipes.source import ARRAYS, MODELS, PICKLES, TABLES

_FILES = {*TABLES, *MODELS, ARRAYS}
"""Endings of files that a source may be."""


def code_of(recipe: Recipe) -> list[str]:
    """Returns all code that a recipe names, and what of it, as in `rows.py:test (data)`."""
    data = recipe.data
    subsets = (data.calibration, data.evaluation, data.validation)
    named = {
        "model": [recipe.model.source, recipe.model.weights],
        "data": [data.source, *(subset.source for subset in subsets if subset)],
        "metric": [recipe.metric, *recipe.also],
        "decode": [recipe.model.decode],
    }
    code = [
        f"{text} ({what})"
        for what, texts in named.items()
        for text in texts
        if text and _runs(text)
    ]
    if recipe.trust:
        code.append("what trust = true allowed: remote code and pickled weights")
    return list(dict.fromkeys(code))


def _runs(text: str) -> bool:
    """Whether to open this source is to run somebody's code."""
    file, _, _ = text.rpartition(":")
    return text.startswith("torch.hub:") or file.endswith(".py") or text.endswith(PICKLES)


def is_on_hub(text: str, base: Path) -> bool:
    """Returns whether a source can only be a repository of the hub: no local file or folder, no
    code.

    Args:
        text: as a recipe names it.
        base: folder that relative paths start from.
    """
    if text.startswith("hf:"):
        return True
    named_as_path = text.startswith(("/", ".", "~")) or text.count("/") > 1
    is_file = Path(text).suffix.lower() in _FILES or (base / text).exists()
    return not (_runs(text) or named_as_path or is_file)
