"""What tasks keep of a model's outputs for a row, as plain data; a task of arrays keeps those."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, NotRequired, TypedDict

import numpy as np

PerRow = Sequence[Any]
"""For each row what `Task.answer` gives, or what is right: a class, a text, arrays."""


class ClassAnswer(TypedDict):
    """Of a classifier: the likeliest classes first."""

    classes: list[int]
    scores: list[float]
    """Probability of each of them."""


class Likelihood(NamedTuple):
    """What a model says of a text's tokens but the first: float32 [tokens - 1] each."""

    lost: np.ndarray
    """Minus the logarithm of each token's probability."""
    nats: np.ndarray
    """Kullback-Leibler divergence from the baseline's distribution."""
    same: np.ndarray
    """1 where the likeliest token is the baseline's, else 0."""
    shift: np.ndarray
    """The token's probability minus the baseline's."""


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
    likelihood: NotRequired[Likelihood]
    """Of a language model, for the text that it is given."""


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


def surely(objects: Objects, score: float) -> Objects:
    """Returns the objects of a prediction that have at least this score, from 0 to 1."""
    return taken(objects, [own >= score for own in objects["scores"]])


def taken(objects: Objects, which: Sequence[bool]) -> Objects:
    """Returns some of the objects, with the scores that they have: those that are True."""
    kept = [at for at, stays in enumerate(which) if stays]
    scores = objects.get("scores")
    some: Objects = {
        "boxes": [objects["boxes"][at] for at in kept],
        "classes": [objects["classes"][at] for at in kept],
    }
    if scores is not None:
        some["scores"] = [scores[at] for at in kept]
    return some
