"""Ways to choose tokens that transformers has no code for: it fetches theirs from the hub."""

from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import NamedTuple

from transformers import GenerationConfig
from transformers.generation.configuration_utils import GenerationMode
from transformers.generation.utils import GENERATION_MODES_MAPPING

from ovtui.core.text.errors import SourceError

_FILE = "generation_config.json"


class _Asks(NamedTuple):
    """What asks for a mode."""

    key: str
    """Of the model's `generation_config.json`."""
    without: str
    """What a recipe may say instead; empty where it cannot."""


_ASKS = {
    GenerationMode.CONTRASTIVE_SEARCH: _Asks("penalty_alpha", "generation.num_beams = 4"),
    GenerationMode.GROUP_BEAM_SEARCH: _Asks("num_beam_groups", "generation.num_beams = 1"),
    GenerationMode.CONSTRAINED_BEAM_SEARCH: _Asks("force_words_ids", ""),
    GenerationMode.DOLA_GENERATION: _Asks("dola_layers", "generation.num_beams = 4"),
}


def check_mode(own: GenerationConfig | None, num_beams: int | None, folder: Path | None) -> None:
    """Refuses a model that asks for tokens chosen in a way that transformers has no code for.

    Args:
        own: the model's configuration; None where it generates nothing.
        num_beams: of the recipe, which come before the model's.
        folder: of the model, which the error names.

    Raises:
        SourceError: its `generation_config.json` asks for such a way.
    """
    if own is None:
        return
    asked = copy(own)
    asked.num_beams = own.num_beams if num_beams is None else num_beams
    method_of(asked.get_generation_mode(), folder)


def method_of(mode: GenerationMode, folder: Path | None = None) -> str:
    """Returns the name of the method that chooses tokens in a mode.

    Args:
        mode: of transformers.
        folder: of the model, where it is known.

    Raises:
        SourceError: transformers has none; it names a repository in its place.
    """
    method = GENERATION_MODES_MAPPING[mode]
    if "/" not in method:
        return method
    asks = _ASKS.get(mode, _Asks("a setting", ""))
    instead = f", or say {asks.without} in the recipe" if asks.without else ""
    raise SourceError(
        f"{(folder or Path()) / _FILE}: {asks.key} asks for {mode.value.replace('_', ' ')}, which "
        f"transformers has no code for (it lies on the hub, in {method}); take it out of the "
        f"file{instead}"
    )
