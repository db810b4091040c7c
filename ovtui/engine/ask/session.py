"""`python -m ovtui.engine.ask.session`: answers one question after another with models kept loaded.

A line on standard input is a `Question`, lines on standard output are what `core/asking/session.py`
reads. The process ends with its input: whoever asks has gone. After some minutes without a question
it lets go of all models, and loads them again for the next one; with `let-go`, after each answer.
"""

from __future__ import annotations

import os
import select
import sys
import traceback
from typing import BinaryIO

import msgspec

from ovtui.core.asking.ask_models import ModelAnswers, Question
from ovtui.core.asking.session import LET_GO, Answered, Reply, Waits
from ovtui.core.machine.holders import Holder
from ovtui.core.machine.turns import measurement_lock
from ovtui.core.runs.waiting import waiting_to_measure
from ovtui.core.text.errors import UserError, error_in_words
from ovtui.engine.ask.ask_models import ask_models
from ovtui.engine.ask.asking import Models
from ovtui.engine.processes.memory import trim_heap
from ovtui.engine.processes.process import StageFailed

_IDLE_SECONDS = 300.0


def main() -> int:
    """Answers until the input ends."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no reply
    models = Models(kept=LET_GO not in sys.argv)
    while question := _next(sys.stdin.buffer, models):
        _answer(question, models, replies)
    return 0


def _next(questions: BinaryIO, models: Models) -> Question | None:
    """The next question; None where nobody asks any more."""
    if not select.select([questions], [], [], _IDLE_SECONDS)[0]:
        models.clear()
        trim_heap()
    line = questions.readline()
    return msgspec.json.decode(line, type=Question) if line.endswith(b"\n") else None


def _answer(question: Question, models: Models, replies: BinaryIO) -> None:
    def send(reply: Reply) -> None:
        replies.write(msgspec.json.encode(reply) + b"\n")
        replies.flush()

    named: set[str] = set()

    def waits(holder: Holder) -> None:
        words = waiting_to_measure(holder)
        if words not in named:  # it is called again and again
            named.add(words)
            send(Waits(words=words))

    try:
        with measurement_lock(waits):  # an answer takes all cores
            answers = ask_models(question, models, send)
    except (UserError, StageFailed) as error:
        answers = ModelAnswers(error=str(error))
    except Exception as error:  # one input that nobody foresaw does not end the session
        traceback.print_exception(error)
        answers = ModelAnswers(error=error_in_words(error))
    send(Answered(answers=answers))


if __name__ == "__main__":
    sys.exit(main())
