"""Questions to the models of runs, one after another, which stay loaded in a process meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec

from ovtui.core.asking.ask_models import ModelAnswers, Question
from ovtui.core.home import directories
from ovtui.core.text.errors import UserError

_LONGEST_LINE = 2**24
"""Bytes of a reply: outputs of a model on arrays are told in short."""


class Writes(msgspec.Struct, frozen=True, kw_only=True, tag="writes"):
    """What a variant has written so far; empty when it begins."""

    variant: str
    text: str
    pieces: int = 0
    """Of a long recording: how many have been heard to their end."""


class Expects(msgspec.Struct, frozen=True, kw_only=True, tag="expects"):
    """What of the question will take long, and why."""

    words: str


class Waits(msgspec.Struct, frozen=True, kw_only=True, tag="waits"):
    """Why no answer comes yet: a run measures, which an answer would disturb."""

    words: str


class Answered(msgspec.Struct, frozen=True, kw_only=True, tag="answered"):
    """All answers to a question, or what was wrong with it."""

    answers: ModelAnswers


LET_GO = "let-go"
"""Tells the process to keep no model that has answered."""
Reply = Expects | Writes | Waits | Answered
Tell = Callable[[Expects | Writes], None]
"""Is given what will take long, then what each variant has written so far."""


class AskingSession:
    """A process of the engine that has loaded models, for as long as somebody asks."""

    def __init__(self, *, kept: bool = True) -> None:
        """Makes a session without a process: the first question starts it.

        Args:
            kept: models stay loaded for the next question; otherwise each goes when it answered.
        """
        self._arguments = [] if kept else [LET_GO]
        self._process: asyncio.subprocess.Process | None = None

    async def ask(self, question: Question) -> AsyncIterator[Reply]:
        """Yields what comes of a question: texts as they are written, last the answers.

        Whoever stops listening before the end closes the session: what is left is of no use.

        Raises:
            UserError: the process ended without an answer.
        """
        process = await self._running()
        assert process.stdin is not None and process.stdout is not None
        complete = False
        try:
            process.stdin.write(msgspec.json.encode(question) + b"\n")
            await process.stdin.drain()
            while line := await process.stdout.readline():
                reply: Reply = msgspec.json.decode(line, type=Reply)
                if isinstance(reply, Answered):
                    complete = True
                    yield reply
                    return
                yield reply
        except (ConnectionError, msgspec.DecodeError, ValueError):
            pass  # it ended, or what it said cannot be read
        finally:
            if not complete:
                await self.close()
        raise UserError(f"the process that has the models ended; see {self.log}")

    @property
    def log(self) -> Path:
        """The file with all that the libraries print meanwhile."""
        return directories.home() / "ask.log"

    @property
    def is_open(self) -> bool:
        """Whether a process has models, or is about to."""
        return self._process is not None and self._process.returncode is None

    async def close(self) -> None:
        """Ends the process, and with it what its models hold."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            directories.writable_home()
            with self.log.open("wb") as log:
                self._process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-P", "-m", "ovtui.engine.ask.session", *self._arguments),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=log,
                    limit=_LONGEST_LINE,
                    start_new_session=True,
                )
        return self._process
