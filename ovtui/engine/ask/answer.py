"""How the modules of this room answer: a question comes in by a pipe, one answer goes out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TypeVar

import msgspec

from ovtui.core.asking.ask_engine import Answer
from ovtui.core.text.errors import UserError
from ovtui.engine.processes.process import StageFailed

Q = TypeVar("Q")
A = TypeVar("A", bound=Answer)


def answer_one(question: type[Q], answer: type[A], respond: Callable[[Q], A]) -> int:
    """Reads a question, writes its answer, both as JSON, and returns the exit status.

    Args:
        question: the structure that is asked.
        answer: the structure that answers, which may hold an error in place of an answer.
        respond: gives the answer; what it raises for a person becomes the error.
    """
    given, out = sys.stdin.buffer.read(), os.dup(1)
    os.dup2(2, 1)  # what libraries print is no answer
    try:
        answered = respond(msgspec.json.decode(given, type=question))
    except (UserError, StageFailed) as error:
        answered = answer(error=str(error))
    with os.fdopen(out, "wb") as file:
        file.write(msgspec.json.encode(answered))
    return 1 if answered.error else 0
