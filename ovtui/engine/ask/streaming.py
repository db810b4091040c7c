"""An answer as it is written, token by token."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch
from transformers.generation.streamers import BaseStreamer

from ovtui.core.asking.session import Tell, Writes
from ovtui.engine.pipelines.pipeline import Pipeline
from ovtui.engine.tasks.generation import Generation

_SECONDS = 0.2
"""Between two texts: an hour of sound has 10,000 tokens, and all of them are decoded for each."""


class _Written(BaseStreamer):
    """Tells the text of all tokens so far: at once, then five times a second at most."""

    def __init__(self, task: Generation, variant: str, tell: Tell) -> None:
        self._task, self._variant, self._tell = task, variant, tell
        self._tokens: list[int] = []
        self._text = ""
        self._next = 0.0
        """When a text may be told again, on the monotonic clock."""
        self._pieces = 0

    def put(self, value: torch.Tensor) -> None:
        """Takes further tokens, int64 [tokens] or [1, tokens]; those given at first too."""
        self._tokens += value.reshape(-1).tolist()
        if time.monotonic() >= self._next:
            self._tell_text()

    def end(self) -> None:
        """Tells all that is written, at the end of an answer or of a piece of a recording."""
        self._pieces += 1
        self._tell_text()

    def _tell_text(self) -> None:
        text = self._task.text_of(np.array([self._tokens]))
        if text != self._text or self._pieces > 1:
            self._text = text
            self._tell(Writes(variant=self._variant, text=text, pieces=self._pieces))
        self._next = time.monotonic() + _SECONDS


def told_while_written(
    pipeline: Pipeline, task: Generation, variant: str, tell: Tell
) -> dict[str, Any]:
    """Returns the argument of `generate` that tells of each further token.

    Beams change their minds, so they are told of at the end alone.

    Args:
        pipeline: that answers.
        task: makes texts of tokens.
        variant: its name.
        tell: is given the text so far.
    """
    own = getattr(pipeline.model, "generation_config", None)
    beams = task.settings(pipeline.model).get("num_beams") or getattr(own, "num_beams", None)
    return {} if (beams or 1) > 1 else {"streamer": _Written(task, variant, tell)}
