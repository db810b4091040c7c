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
    likelihood: NotRequired[Any]
    """Of a language model: what it says of the given text's tokens."""


class Similarity(TypedDict):
    """Of a pair of sentences."""

    similarity: float
    """Cosine of their embeddings."""
    embeddings: np.ndarray
    """Float [2 * size], one after the other."""


class Objects(TypedDict):
    """Of a detector, and of what is right: the objects in a picture, the surest first."""

    boxes: list[list[float]]
    """Left, top, right and bottom, in pixels of the picture as it came."""
    classes: list[int]
    """The model's index of each object's class."""
    scores: NotRequired[list[float]]
    """Of a prediction: 0 to 1."""
    areas: NotRequired[list[float]]
    """Of a right answer: square pixels, of the box where the data do not say."""
    crowds: NotRequired[list[bool]]
    """Of a right answer: a box around many objects, which any number of predictions may be in."""
