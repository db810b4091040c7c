"""Asks an engine process what the models of a run say of one input."""

from __future__ import annotations

from typing import Any

import msgspec

from ovtui.core.ask_engine import Answer, ask_engine


class Question(msgspec.Struct, kw_only=True):
    """An input, and who is asked."""

    run: str
    """The run's folder."""
    variants: list[str] = []
    """Their names; all that have files when empty."""
    image: str | None = None
    audio: str | None = None
    question: str | None = None
    texts: list[str] = []
    inputs: dict[str, str] = {}
    """Of a model on arrays: an `.npy` file by input, or under the empty name an `.npz` of them."""
    output: str | None = None
    """An `.npz` file to write every output to, as `VARIANT/OUTPUT`."""
    timed: bool = False
    """With the times of what is said."""
    trust: bool = False
    """Run what the run's recipe names, although the run was made elsewhere."""


class Predictions(Answer):
    """What each variant says, as a run keeps it with its samples."""

    input: dict[str, Any] = {}
    predictions: dict[str, Any] = {}


def predict(question: Question) -> Predictions:
    """Every variant's answer.

    Raises:
        UserError: the run, a variant or the input is none that can be used, and why.
    """
    return ask_engine("predict", question, Predictions)
