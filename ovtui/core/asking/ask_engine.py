"""Asks an engine process a question that is no run: JSON in, JSON out."""

from __future__ import annotations

import subprocess
import sys
from typing import TypeVar

import msgspec

from ovtui.core.text.errors import UserError, last_line


class Answer(msgspec.Struct, kw_only=True):
    """What every answer may hold."""

    error: str | None = None
    """What was wrong, in place of an answer."""


A = TypeVar("A", bound=Answer)


def ask_engine(module: str, question: msgspec.Struct, answer: type[A]) -> A:
    """Returns what a module of the engine answers, as a process of its own.

    Args:
        module: of `ovtui.engine.ask`, which answers one question on standard input.
        question: what it is asked, as a structure.
        answer: the structure that it answers with.

    Raises:
        UserError: it says what is wrong, or ended without an answer.
    """
    done = subprocess.run(
        [sys.executable, "-P", "-m", f"ovtui.engine.ask.{module}"],
        input=msgspec.json.encode(question),
        capture_output=True,
        check=False,
    )
    try:
        answered = msgspec.json.decode(done.stdout, type=answer)
    except msgspec.DecodeError:
        why = last_line(done.stderr) or done.returncode
        raise UserError(f"{module}: failed: {why}") from None
    if answered.error:
        raise UserError(answered.error)
    return answered
