"""What the models of a run are asked of one input, and what they answer."""

from __future__ import annotations

from typing import Any

import msgspec

from ovtui.core.asking.ask_engine import Answer
from ovtui.core.results.prediction import Prediction


class Question(msgspec.Struct, kw_only=True):
    """An input, and who is asked."""

    run: str
    """The run's folder."""
    variants: list[str] = []
    """Their names; all that have files when empty."""
    image: str | None = None
    audio: str | None = None
    question: str | None = None
    """About the picture; without one a model that can is asked for a caption."""
    texts: list[str] = []
    inputs: dict[str, str] = {}
    """Of a model on arrays: an `.npy` file by input, or under the empty name an `.npz` of them."""
    labels: list[str] = []
    """Candidates of zero-shot classification in place of the run's."""
    prompt: str | None = None
    """The words around a candidate, with `{label}`; the recipe's where it is None."""
    language: str | None = None
    """What is spoken, or `auto` to detect it; as the recipe has it where it is None."""
    translate: bool | None = None
    """Speech into English; as the recipe has it where it is None."""
    output: str | None = None
    """An `.npz` file to write every output to, as `VARIANT/OUTPUT`."""
    timed: bool = False
    """With the times of what is said."""
    trust: bool = False
    """Run what the run's recipe names, although the run was made elsewhere."""


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds of one variant, which has all cores to itself."""

    load_ms: float
    """Reading and compiling its files, and building the pipeline around them."""
    first_ms: float
    """The answer as it was first given, from the model's inputs on: kernels are still made then."""
    answer_ms: float
    """The same answer given once more; the first one again where that took seconds."""


class ModelAnswers(Answer):
    """What each variant says, as a run keeps it with its samples."""

    input: dict[str, Any] = {}
    predictions: dict[str, Prediction] = {}
    times: dict[str, Times] = {}
    notes: list[str] = []
    """What a person has to know of how the models were asked."""
