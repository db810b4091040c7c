"""How a measuring process takes commands and replies: one JSON object per line, over pipes."""

from __future__ import annotations

import os
import queue
import signal
import threading
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import msgspec

from ovtui.engine.measuring.messages import (
    Answer,
    Answered,
    Block,
    Command,
    Concern,
    Failed,
    LatencyBlock,
    Load,
    Loaded,
    Profile,
    Profiled,
    Ready,
    Real,
    RealAnswer,
    Reply,
    StoredInputs,
    ThroughputBlock,
    Unload,
    Unloaded,
)
from ovtui.engine.models.openvino_errors import kind_and_line
from ovtui.engine.processes.lifeline import die_with_parent

if TYPE_CHECKING:
    import numpy as np
    import torch


class Worker(Protocol):
    """Does what a coordinator's commands say."""

    def load(self, command: Load) -> Loaded:
        """Loads what is measured, and replies how long that took."""
        ...

    def block(self, command: Block) -> LatencyBlock | ThroughputBlock:
        """Measures one block."""
        ...

    def unload(self) -> None:
        """Lets go of what was loaded."""
        ...

    def profile(self) -> Profiled:
        """Replies the share of the time by precision, where that is known."""
        ...


@runtime_checkable
class AnsweringWorker(Worker, Protocol):
    """Does also what only a pipeline can be told."""

    def answer(self, command: Answer) -> Answered:
        """Answers the evaluation's samples."""
        ...

    def real(self, command: Real) -> RealAnswer:
        """Answers one sample at the length that the model gives it."""
        ...


class Failure(Exception):
    """Something that a person is told in one line; `kind` says what it concerns."""

    def __init__(self, kind: Concern, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def shapes(
    samples: Sequence[Mapping[str, np.ndarray | torch.Tensor]],
) -> dict[str, list[int | None]]:
    """Returns the shape of each input over all samples, by its name; None for a size that
    varies.
    """
    sizes_by_name: dict[str, list[int | None]] = {}
    for name in samples[0]:
        sizes = zip(*(sample[name].shape for sample in samples), strict=False)
        sizes_by_name[name] = [size[0] if len(set(size)) == 1 else None for size in sizes]
    return sizes_by_name


def stored_path(command: Load) -> Path:
    """Returns the file of samples, of a worker that is measured with nothing else."""
    assert isinstance(command.inputs, StoredInputs)
    return Path(command.inputs.path)


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

    def reply(self, message: Reply) -> None:
        """Sends one line."""
        rest = memoryview(msgspec.json.encode(message) + b"\n")
        while rest:
            rest = rest[os.write(self._stdout, rest) :]


def answer(worker: Worker, line: bytes) -> Reply:
    """Returns the reply to one command; every failure becomes a `Failed` with its `kind`."""
    try:
        command = msgspec.json.decode(line, type=Command)
    except msgspec.MsgspecError as error:
        return Failed(f"no such command: {error}", "internal")
    try:
        return _done(worker, command)
    except Failure as failure:
        return Failed(str(failure), failure.kind)
    except Exception as error:
        traceback.print_exc()
        return Failed(kind_and_line(error), "inference")


def _done(worker: Worker, command: Command) -> Reply:
    match command:
        case Load():
            return worker.load(command)
        case Block():
            return worker.block(command)
        case Unload():
            worker.unload()
            return Unloaded()
        case Profile():
            return worker.profile()
    if not isinstance(worker, AnsweringWorker):
        raise Failure("internal", f"only a pipeline is told {command}")
    if isinstance(command, Answer):
        return worker.answer(command)
    return worker.real(command)


def serve(worker: Worker) -> None:
    """Answers commands until stdin ends."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group
    channel = Channel()
    channel.reply(Ready(os.getpid()))
    while True:
        channel.reply(answer(worker, channel.commands.get()))
