"""A process that this one started: its pipes, how it ended and what memory it took."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol, cast

_ROOT = str(Path(__file__).resolve().parents[3])
# Imports take seconds on a loaded machine: the kernel is told before them with whom this process
# dies, and a parent that has died by then has closed its end of standard input.
_START = """
import ctypes, os, runpy, select, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    poll = select.poll()
    poll.register(0, 0)
    if poll.poll(0):
        os._exit(1)
_, root, *sys.argv = sys.argv
if root not in sys.path:
    sys.path.insert(0, root)
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=False)
"""


def command_of(module: str, *arguments: str) -> list[str]:
    """Returns the command of a new interpreter that runs a module and dies with this process.

    It does so from its first moment on. With -P, so that no file of the working directory is
    imported in place of a library.
    """
    return [sys.executable, "-P", "-c", _START, _ROOT, module, *arguments]


class Ended(NamedTuple):
    """Exit status, negative for a signal, and peak resident bytes."""

    code: int
    peak_rss_bytes: int


class Child(Protocol):
    """What a process is to the one that started it."""

    stdin: BinaryIO
    stdout: BinaryIO | None
    """As `stderr`, None where it was given a log."""
    stderr: BinaryIO | None

    @property
    def pid(self) -> int: ...

    def ended(self, *, wait: bool = False) -> Ended | None:
        """Returns how it ended; None while it lives."""

    def kill(self) -> None:
        """Ends it now, and its group where it leads one; harmless when it has ended."""


class Spawned:
    """A process of a new interpreter.

    Args:
        command: what to run.
        log: descriptor for what it prints; pipes of its own when None.
        group: lead a process group.
        environment: of the process; this one's when None.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: int | None = None,
        group: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        output = subprocess.PIPE if log is None else log
        self._group = group
        self._ended: Ended | None = None
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=environment,
            process_group=0 if group else None,
        )
        self.stdin = cast(BinaryIO, self._process.stdin)
        self.stdout = cast("BinaryIO | None", self._process.stdout)
        self.stderr = cast("BinaryIO | None", self._process.stderr)

    @property
    def pid(self) -> int:
        return self._process.pid

    def ended(self, *, wait: bool = False) -> Ended | None:
        """Returns how it ended; None while it lives."""
        if self._ended is None:
            pid, status, usage = os.wait4(self.pid, 0 if wait else os.WNOHANG)
            if pid:
                self._process.returncode = os.waitstatus_to_exitcode(status)
                self._ended = Ended(self._process.returncode, usage.ru_maxrss * 1024)
        return self._ended

    def kill(self) -> None:
        """Ends it now; harmless when it has ended."""
        if self.ended() is None:
            with contextlib.suppress(ProcessLookupError):
                (os.killpg if self._group else os.kill)(self.pid, signal.SIGKILL)
            self.ended(wait=True)
