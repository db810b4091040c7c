"""What tasks keep of a model's outputs for a row, as plain data; a task of arrays keeps those."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import numpy as np

PerRow = Sequence[Any]
"""For each row what `Task.answer` gives, or what is right: a class, a text, arrays."""


class ClassAnswer(TypedDict):
    """Of a classifier: the likeliest classes first."""

    classes: list[int]
    scores: list[float]
    """Probability of each of them."""


class TimedText(TypedDict):
    """What is said in a part of a recording, from `start` to `end` in seconds."""

    start: float
    end: float
    text: str


class TextAnswer(TypedDict):
    """Of a model that writes."""

    text: str
    tokens: list[int]
    segments: NotRequired[list[TimedText]]
    """Where the model gives times."""


class Similarity(TypedDict):
    """Of a pair of sentences."""

    similarity: float
    """Cosine of their embeddings."""
    embeddings: np.ndarray
    """Float [2 * size], one after the other."""
