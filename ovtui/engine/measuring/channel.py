"""What a measuring process and its coordinator say: one JSON object per line, over pipes."""

from __future__ import annotations

import os
import queue
import signal
import threading
import traceback
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import msgspec

from ovtui.engine.models.openvino_errors import kind_and_line
from ovtui.engine.processes.lifeline import die_with_parent


class Worker(Protocol):
    """Replies to a measurement's commands with plain data; `answer` and `real` are pipelines'."""

    def load(self, command: dict[str, Any]) -> dict[str, Any]:
        """Loads what is measured, and replies how long that took."""
        ...

    def block(self, command: dict[str, Any]) -> dict[str, Any]:
        """Measures one block."""
        ...

    def unload(self, command: dict[str, Any]) -> dict[str, Any]:
        """Lets go of what was loaded."""
        ...

    def profile(self, command: dict[str, Any]) -> dict[str, Any]:
        """Replies the share of the time by precision, where that is known."""
        ...


_COMMANDS = {"load", "answer", "block", "real", "unload", "profile"}


Concern = Literal["device", "model", "inputs", "compile", "inference", "internal"]
"""What of a measurement failed; `internal` is a command that no coordinator gives."""


class Failure(Exception):
    """Something that a person is told in one line; `kind` says what it concerns."""

    def __init__(self, kind: Concern, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def shapes(samples: Sequence[Mapping[str, Any]]) -> dict[str, list[int | None]]:
    """Returns the shape of each input over all samples, by its name; None for a size that
    varies.
    """
    sizes_by_name: dict[str, list[int | None]] = {}
    for name in samples[0]:
        sizes = zip(*(sample[name].shape for sample in samples), strict=False)
        sizes_by_name[name] = [size[0] if len(set(size)) == 1 else None for size in sizes]
    return sizes_by_name


class Channel:
    """Command and reply pipes on descriptors that no library writes to, reads or hands on.

    What is printed to descriptor 1 then lands in the log, and descriptor 0 is at its end.
    """

    def __init__(self) -> None:
        self.commands: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._stdin, self._stdout = os.dup(0), os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        rest = b""
        while chunk := os.read(self._stdin, 65536):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self.commands.put(line)
        os._exit(0)  # the coordinator is gone

    def reply(self, message: dict[str, Any]) -> None:
        """Sends one line."""
        rest = memoryview(msgspec.json.encode(message) + b"\n")
        while rest:
            rest = rest[os.write(self._stdout, rest) :]


def answer(worker: Worker, line: bytes) -> dict[str, Any]:
    """Returns the reply to one command; every failure becomes an `error` with its `kind`."""
    try:
        command = msgspec.json.decode(line, type=dict[str, Any])
        if command["do"] not in _COMMANDS:
            raise Failure("internal", f"no such command: {command['do']}")
        reply: dict[str, Any] = getattr(worker, command["do"])(command)
        return reply
    except Failure as failure:
        return {"error": str(failure), "kind": failure.kind}
    except Exception as error:
        traceback.print_exc()
        return {"error": kind_and_line(error), "kind": "inference"}


def serve(worker: Worker) -> None:
    """Answers commands until stdin ends."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group
    channel = Channel()
    channel.reply({"ready": os.getpid()})
    while True:
        channel.reply(answer(worker, channel.commands.get()))
