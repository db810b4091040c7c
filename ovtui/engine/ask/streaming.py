"""An answer as it is written, token by token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from transformers.generation.streamers import BaseStreamer

from ovtui.engine.pipelines.pipeline import Pipeline
from ovtui.engine.tasks.generation import Generation


class _Written(BaseStreamer):
    """Tells the text of all tokens so far, whenever another one comes."""

    def __init__(self, task: Generation, tell: Callable[[str], None]) -> None:
        self._task, self._tell = task, tell
        self._tokens: list[int] = []
        self._text = ""

    def put(self, value: torch.Tensor) -> None:
        """Takes further tokens, int64 [tokens] or [1, tokens]; those given at first too."""
        self._tokens += value.reshape(-1).tolist()
        text = self._task.text_of(np.array([self._tokens]))
        if text != self._text:
            self._text = text
            self._tell(text)

    def end(self) -> None:
        """Does nothing: the answer itself comes from `generate`."""


def told_while_written(
    pipeline: Pipeline, task: Generation, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Returns the argument of `generate` that tells of each further token.

    Beams change their minds, so they are told of at the end alone.

    Args:
        pipeline: that answers.
        task: makes texts of tokens.
        tell: is given the text so far.
    """
    own = getattr(pipeline.model, "generation_config", None)
    beams = task.settings(pipeline.model).get("num_beams") or getattr(own, "num_beams", None)
    return {} if (beams or 1) > 1 else {"streamer": _Written(task, tell)}
