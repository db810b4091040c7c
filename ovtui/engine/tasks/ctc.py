"""Speech models that say a letter for each moment of a recording (CTC), as wav2vec 2.0 does."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import torch

from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.text.errors import SourceError

if TYPE_CHECKING:
    from transformers import PreTrainedModel, ProcessorMixin
    from transformers.generation.streamers import BaseStreamer

MOST_SECONDS = 60
"""Of a recording that is heard in one piece: attention needs memory with its square, 1.3 TB for an
hour in WavLM's twelve heads."""
STRETCH_SECONDS, BESIDE_SECONDS = 30, 5
"""Of a longer one: what is heard at once, and how much before and after it is heard with it."""
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


def letters(
    model: PreTrainedModel,
    inputs: Mapping[str, torch.Tensor],
    second: int,
    streamer: BaseStreamer | None = None,
) -> torch.Tensor:
    """Returns the likeliest token of each moment, int64 [1, moments]; repeats and blanks are
    in it.

    Of a long recording stretches are heard one after another, each with some seconds before and
    after it, whose letters are left out, as in transformers' pipeline for long recordings
    (`chunk_length_s`, `stride_length_s`).

    Args:
        model: live, or with a compiled component in place of its own.
        inputs: [1, samples], or features [1, moments, bands], each with its mask if there is one.
        second: how many of these there are in a second.
        streamer: is given the tokens of each stretch as it is heard.
    """
    length = max(tensor.shape[1] for tensor in inputs.values())
    if length <= MOST_SECONDS * second:
        return _likeliest(model, inputs)
    parts, moment = [], 0
    for begin in range(0, length, STRETCH_SECONDS * second):
        end = min(length, begin + STRETCH_SECONDS * second)
        first, last = max(0, begin - BESIDE_SECONDS * second), end + BESIDE_SECONDS * second
        said = _likeliest(model, {name: it[:, first:last] for name, it in inputs.items()})
        moment = moment or min(last, length) // said.shape[1]  # the first stretch is the longest
        kept = said[:, (begin - first) // moment :]
        parts.append(kept if end == length else kept[:, : (end - begin) // moment])
        if streamer is not None:
            streamer.put(parts[-1])
            streamer.end()
    return torch.cat(parts, dim=1)


def _likeliest(model: PreTrainedModel, inputs: Mapping[str, torch.Tensor]) -> torch.Tensor:
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
