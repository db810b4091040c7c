"""What transformers' own generation says of a sample, before anything is done to the model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import torch

from ovtui.engine.data.spool import Arrays
from ovtui.engine.models.openvino_errors import kind_and_line
from ovtui.engine.pipelines.pipeline import Pipeline
from ovtui.engine.store.progress import Journal

_CLOSE = 1e-2
"""Scores that are nearer to each other, relative to the largest, are another choice by rounding."""


class Said(NamedTuple):
    """What transformers' own generation says of a sample."""

    tokens: np.ndarray
    """int64 [1, tokens]."""
    leads: list[np.ndarray]
    """Of each call of the model, how far the best token of each position was ahead, relative to
    the largest score: float [positions]."""

    def differs(self, tokens: np.ndarray) -> bool:
        """Returns whether other tokens were chosen, and not by a rounding of scores that were
        near.
        """
        # A runtime may leave out the prompt that another repeats.
        count = min(tokens.shape[1], self.tokens.shape[1])
        other = np.flatnonzero(tokens[0, -count:] != self.tokens[0, -count:]) - count
        if not other.size:
            return False
        if self._at_once:
            return bool((self.leads[0][other] > _CLOSE).any())
        # One more token a call; what comes after the first other one is the answer to another text.
        steps = [float(leads[-1]) for leads in self.leads]
        first = int(other[0])
        return (steps[first] if -first <= len(steps) else min(steps, default=math.inf)) > _CLOSE

    @property
    def _at_once(self) -> bool:
        """Whether one call said all tokens, as a CTC model's does."""
        return len(self.leads) == 1 and self.leads[0].size == self.tokens.shape[1]


def said_untouched(
    pipeline: Pipeline, processed: Arrays, limits: Mapping[str, int], journal: Journal
) -> Said | None:
    """Returns the answer of the untouched model, asked as transformers' examples ask it.

    Args:
        pipeline: with the model as it was loaded.
        processed: everything that the model's processor gives of a sample.
        limits: arguments of `generate`.
        journal: told where the model cannot be asked so.

    Returns:
        None where the model cannot be asked so.
    """
    tensors = {name: torch.from_numpy(np.asarray(value)) for name, value in processed.items()}
    leads: list[np.ndarray] = []

    def see(module: torch.nn.Module, arguments: Any, result: Any) -> None:
        logits = getattr(result, "logits", None)
        if logits is not None:
            best = logits[0].topk(2).values
            largest = logits[0].abs().amax(-1).clamp(min=1e-9)
            leads.append(((best[:, 0] - best[:, 1]) / largest).float().numpy())

    last = pipeline.model.get_submodule(list(pipeline.paths.values())[-1])  # says the next token
    handle = last.register_forward_hook(see)
    try:
        with torch.inference_mode():
            tokens = pipeline.task.generate_untouched(pipeline.model, tensors, **limits)
    except Exception as error:
        journal.warn(
            "conversion is not checked by transformers' own model.generate(**inputs): "
            f"{kind_and_line(error)}"
        )
        return None
    finally:
        handle.remove()
    return Said(tokens.numpy().reshape(1, -1), leads)
