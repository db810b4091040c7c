"""What transformers' own generation says of a sample, before anything is done to the model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import torch

from ovtui.engine.data.spool import Arrays
from ovtui.engine.model_files import telling_line
from ovtui.engine.pipeline import Pipeline
from ovtui.engine.progress import Journal

_CLOSE = 1e-2
"""Scores that are nearer to each other, relative to the largest, are another choice by rounding."""


class Said(NamedTuple):
    """What transformers' own generation says of a sample."""

    tokens: np.ndarray
    """int64 [1, tokens]."""
    lead: float
    """How far the best token was ahead at its closest, relative to the largest score."""

    def differs(self, tokens: np.ndarray) -> bool:
        """Whether other tokens were chosen, and not by a rounding of scores that were near."""
        # A runtime may leave out the prompt that another repeats.
        count = min(tokens.shape[1], self.tokens.shape[1])
        same = np.array_equal(tokens[:, -count:], self.tokens[:, -count:])
        return not same and self.lead > _CLOSE


def said_untouched(
    pipeline: Pipeline, processed: Arrays, limits: Mapping[str, int], journal: Journal
) -> Said | None:
    """The answer of the model before anything is done to it, as transformers' examples ask for it.

    Args:
        pipeline: with the model as it was loaded.
        processed: everything that the model's processor gives of a sample.
        limits: arguments of `generate`.
        journal: told where the model cannot be asked so.
    """
    tensors = {name: torch.from_numpy(np.asarray(value)) for name, value in processed.items()}
    leads: list[float] = []

    def see(module: Any, arguments: Any, result: Any) -> None:
        logits = getattr(result, "logits", None)
        if logits is not None:
            first, second = logits[0, -1].topk(2).values.tolist()
            leads.append((first - second) / max(1e-9, float(logits[0, -1].abs().max())))

    last = pipeline.model.get_submodule(list(pipeline.paths.values())[-1])  # says the next token
    handle = last.register_forward_hook(see)
    try:
        with torch.inference_mode():
            tokens = pipeline.task.generate_untouched(pipeline.model, tensors, **limits)
    except Exception as error:
        journal.warn(
            "conversion is not checked by transformers' own model.generate(**inputs): "
            f"{type(error).__name__}: {telling_line(error)}"
        )
        return None
    finally:
        handle.remove()
    return Said(tokens.numpy().reshape(1, -1), min(leads, default=math.inf))
