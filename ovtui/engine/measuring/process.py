"""The process that measures one variant, seen from the one that coordinates."""

from __future__ import annotations

import os
import select
import signal
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from ovtui.core.recipes.recipe import Property
from ovtui.core.text.errors import UserError
from ovtui.engine.measuring import messages
from ovtui.engine.measuring.messages import (
    Command,
    Concern,
    Failed,
    Load,
    Loaded,
    Mode,
    Profile,
    RandomInputs,
    StoredInputs,
    Unload,
)
from ovtui.engine.processes.child import Child, Spawned, command_of
from ovtui.engine.processes.forking import ForkServer
from ovtui.engine.processes.lifeline import killed, oom_kills

OPENVINO = "ovtui.engine.measuring.worker"
Expected = TypeVar("Expected", bound=messages.Reply)

_TAIL_LINES = 40
_NO_OTHERS: Mapping[str, Property] = {}
ALIVE_S = 1.0
"""How often to look whether a worker that says nothing still lives."""


class MeasurementError(UserError):
    """A subject that cannot be measured; `kind` says what it concerns."""

    def __init__(self, subject: str, kind: Concern, message: str) -> None:
        super().__init__(f"{subject}: {message}")
        self.subject = subject
        self.kind = kind


class WorkerDied(UserError):
    """The process that measured a subject ended on its own; `how` says it in words."""

    def __init__(self, subject: str, returncode: int, how: str, stderr_tail: str) -> None:
        super().__init__(f"{subject}: the measuring process {how}")
        self.subject = subject
        self.returncode = returncode
        self.stderr_tail = stderr_tail


@dataclass(frozen=True, slots=True)
class Subject:
    """A variant to measure."""

    name: str
    model: Path
    device: str
    properties: Mapping[str, Property]
    inputs: StoredInputs | RandomInputs
    worker: str = OPENVINO
    """The module that measures it, in a process of its own."""
    busy_properties: Mapping[str, Property] = field(default_factory=dict)
    """Beside the others where throughput is measured, one sample in a request."""
    executed_precision: dict[str, float] = field(default_factory=dict)
    """Share of time by precision where that is known; else a compilation of its own finds it."""


class MeasureProcess:
    """A worker process and the pipes to it; it ends when this process does."""

    def __init__(
        self,
        subject: Subject,
        log: int | None,
        server: ForkServer | None = None,
        on_wait: Callable[[], None] | None = None,
    ) -> None:
        """Starts the process without waiting for its imports.

        Args:
            subject: what it will measure.
            log: descriptor that its stderr, and all that libraries print, is copied to.
            server: forked for it, where it has imported what the worker needs.
            on_wait: called about every second that it has not replied yet.
        """
        self.subject = subject
        self._on_wait = on_wait
        self._log = log
        self._loaded: tuple[Load, Loaded] | None = None
        self._tail: deque[bytes] = deque(maxlen=_TAIL_LINES)
        self._oom_kills = oom_kills()
        self._child: Child
        if server is not None:
            self._child = server.fork(subject.worker, group=True)
        else:
            self._child = Spawned(command_of(subject.worker), group=True)
        self._copier = threading.Thread(target=self._copy_stderr, daemon=True)
        self._copier.start()

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def is_gone(self) -> bool:
        """Returns whether it has ended; idle, it is what the system kills first."""
        return self._child.ended() is not None

    def load(
        self, mode: Mode, batch: int = 1, properties: Mapping[str, Property] = _NO_OTHERS
    ) -> Loaded:
        """Reads and compiles the subject's model and infers once.

        Where it is loaded so already, and was not unloaded since, the reply is that of then.

        Args:
            mode: what will be measured.
            batch: samples together.
            properties: beside the subject's own.
        """
        subject = self.subject
        command = Load(
            model=str(subject.model),
            device=subject.device,
            properties={**subject.properties, **properties},
            hint=mode,
            inputs=subject.inputs,
            batch=batch,
        )
        if self._loaded is not None and self._loaded[0] == command:
            return self._loaded[1]
        loaded = self.ask(Loaded, command)
        self._loaded = command, loaded
        return loaded

    def ask(self, reply: type[Expected], command: Command) -> Expected:
        """Sends one command and waits for its reply.

        Raises:
            MeasurementError: the worker says why it cannot.
            WorkerDied: it ended instead of replying.
        """
        if isinstance(command, Load | Unload | Profile):
            self._loaded = None
        stdin = self._child.stdin
        try:
            stdin.write(msgspec.json.encode(command) + b"\n")
            stdin.flush()
        except BrokenPipeError:
            raise self._death() from None
        return self.receive(reply)

    def receive(self, reply: type[Expected]) -> Expected:
        """Waits for one reply.

        Args:
            reply: the structure that is expected.

        Raises:
            MeasurementError: the worker says so, or has ended.
        """
        stdout = _open(self._child.stdout)
        # A process that a library forked may outlive the worker and hold the pipe open.
        while not select.select([stdout], [], [], ALIVE_S)[0]:
            if self._child.ended():
                raise self._death()
            if self._on_wait is not None:
                self._on_wait()
        line = stdout.readline()
        if not line.endswith(b"\n"):
            raise self._death()
        message = msgspec.json.decode(line, type=messages.Reply)
        if isinstance(message, Failed):
            raise MeasurementError(self.subject.name, message.kind, message.error)
        assert isinstance(message, reply)
        return message

    def kill(self) -> None:
        """Ends the process and what it started, whatever it is doing."""
        self._child.kill()
        self._copier.join(timeout=1)
        for pipe in (self._child.stdin, self._child.stdout):
            with suppress(BrokenPipeError):
                _open(pipe).close()

    def _death(self) -> WorkerDied:
        returncode, peak = self._child.ended(wait=True) or (0, 0)
        self._copier.join(timeout=1)
        tail = b"".join(self._tail).decode(errors="replace")
        if returncode == -signal.SIGKILL:
            how = f"was {killed(peak, self._oom_kills)}"
        elif returncode < 0:
            how = f"was ended by {signal.strsignal(-returncode)}; its last lines are in the log"
        else:
            last = tail.strip().rpartition("\n")[2]
            how = f"ended with exit code {returncode}: {last or 'it said nothing'}"
        return WorkerDied(self.subject.name, returncode, how, tail)

    def _copy_stderr(self) -> None:
        with _open(self._child.stderr) as stderr:
            for line in stderr:
                self._tail.append(line)
                if self._log is not None:
                    with suppress(OSError):  # a full disk is no reason to stop measuring
                        os.write(self._log, line)


def _open(pipe: BinaryIO | None) -> BinaryIO:
    assert pipe is not None
    return pipe
