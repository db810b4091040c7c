"""Speech models that say a letter for each moment of a recording (CTC), as wav2vec 2.0 does."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.text.errors import SourceError

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, ProcessorMixin

COMPONENTS = {WHOLE_MODEL: ""}
"""Nothing is generated step by step: the model is one component."""


def check_components(components: Mapping[str, str]) -> None:
    """Refuses a recipe that takes such a model apart.

    Raises:
        SourceError: `components` says something else.
    """
    if dict(components) != COMPONENTS:
        raise SourceError(
            "components: this speech model names a letter for each moment (CTC) and has no decoder "
            'to call step by step; say components = { model = "" } in the recipe, and '
            "components.model in its variants"
        )


def letters(model: PreTrainedModel, inputs: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """Returns the likeliest token of each moment, int64 [1, moments]; repeats and blanks are
    in it.
    """
    return model(**inputs).logits.argmax(dim=-1)


def text_of(tokens: np.ndarray, processor: ProcessorMixin, blank: int) -> str:
    """Returns the text of such tokens, int64 [moments].

    Args:
        tokens: of one recording.
        processor: the model's, with its tokenizer.
        blank: the token between two equal letters.
    """
    tokenizer = getattr(processor, "tokenizer", processor)
    if "group_tokens" in inspect.signature(tokenizer.convert_tokens_to_string).parameters:
        return str(tokenizer.decode(tokens, skip_special_tokens=True)).strip()
    changes = np.flatnonzero(np.diff(tokens, prepend=-1))
    said = [token for token in tokens[changes].tolist() if token != blank]
    return str(tokenizer.decode(said, skip_special_tokens=True)).strip()
