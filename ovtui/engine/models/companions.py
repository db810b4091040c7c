"""What a runtime needs beside a Hugging Face model: its configuration, tokenizer and the like."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.engine.hub.model_config import modules_of, read_object
from ovtui.engine.models.sources import folder_of_model, named_configuration

_COMPANIONS = (
    "*config*.json",
    "*tokenizer*.json",
    "*vocab*.json",
    "*vocab*.txt",
    "merges*.txt",
    "special_tokens_map.json",
    "added_tokens.json",
    "normalizer.json",
    "modules.json",
    "*.model",
    "*.spm",
    "*.codes",
    "*.jinja",
)
"""What transformers, sentence-transformers and their tokenizers call their files; no others."""
_MODULE_WEIGHTS = ("*.safetensors",)
"""Of what follows the network: a dense layer in `2_Dense` stays in PyTorch."""


def copy_companions(asked: PlacedRecipe, folder: Path) -> list[str]:
    """Copies what a runtime needs beside a Hugging Face model: its configuration and the like.

    Returns:
        Names of files that were left out, since a link there leads out of the model.
    """
    origin = folder_of_model(asked)
    if origin is None:
        return []
    left_out = []
    for place in (Path(), *_modules(origin)):
        (folder / place).mkdir()
        patterns = (*_COMPANIONS, *_MODULE_WEIGHTS) if place.name else _COMPANIONS
        for path in sorted(
            {path for pattern in patterns for path in (origin / place).glob(pattern)}
        ):
            if path.name.endswith(".index.json"):
                continue
            if _belongs(path, origin):
                shutil.copyfile(path, folder / place / path.name)
            else:
                left_out.append(str(place / path.name))
    if settings := named_configuration(asked.recipe, origin):
        # Other runtimes are not told the class: here the file says what kind of model it is.
        path = folder / "config.json"
        written = read_object(path) | {"model_type": settings.model_type}
        path.write_text(json.dumps(written, indent=2), encoding="utf-8")
    return left_out


def _belongs(path: Path, origin: Path) -> bool:
    """Returns whether a file is a regular one of this model.

    The hub's cache links `models--NAME/snapshots/COMMIT/FILE` to `models--NAME/blobs/HASH`.
    """
    home = origin.resolve()
    if home.parent.name == "snapshots":
        home = home.parents[1]
    target = path.resolve()
    return target.is_relative_to(home) and target.is_file()


def _modules(origin: Path) -> list[Path]:
    """Folders of what follows the network in a sentence-transformers model, such as `1_Pooling`."""
    return [Path(name) for name in sorted({name for name, _ in modules_of(origin)})]
