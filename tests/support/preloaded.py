"""The engine's processes, forked with their imports done: a tiny run costs 3 s of work, not 15.

A server (`preloaded_server`) imports once what engines import, and forks itself for each process.
What it forks is a child of who asked for it, with descriptors, directory, environment, session and
group as they would be. What measures speed is a new interpreter here too.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from ovtui.engine.processes.process import QUIET

PACKET = 2**20
_ROOT = Path(__file__).resolve().parents[2]
_PR_SET_CHILD_SUBREAPER = 36
_WITHOUT_THREADS = {
    "OPENBLAS_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
"""Threads that NumPy, SciPy and pyarrow would start as they are imported would not be forked."""
_READ = ("HF_", "HUGGINGFACE_", "TRANSFORMERS_", "TORCH_", "XDG_", "HOME", "PYTHON")
"""What libraries read while they are imported; all that is not in `QUIET`."""


class Start(msgspec.Struct, frozen=True):
    """A process that is wanted. Its descriptors come along, the three standard ones first."""

    words: list[str]
    """A module, and what follows it in `sys.argv`."""
    folder: str
    environment: dict[str, str]
    leads: str
    """A `session`, a `group`, or nothing."""
    passed: list[int]
    """The numbers of the descriptors beyond the standard ones."""


class Forking(subprocess.Popen):  # type: ignore[type-arg]
    """As `Popen`, but a process of the engine's is a copy of one that has its imports done."""

    fork: ClassVar[Callable[[Start, Sequence[int]], int]]
    """Forks a process for what is wanted, and returns its number."""
    imported_in: ClassVar[Mapping[str, str]]
    """The environment that the libraries were imported in."""

    def _execute_child(self, args: Any, *rest: Any) -> None:
        passed, folder, environment = rest[3:6]
        ends, session, group = rest[9:15], rest[-2], rest[-1]
        environment = os.environ if environment is None else environment
        words = self._words(args)
        if not words or _read_by_imports(environment) != _read_by_imports(self.imported_in):
            super()._execute_child(args, *rest)  # type: ignore[misc]
            return
        wanted = Start(
            words=words,
            folder=os.fspath(folder or Path.cwd()),
            environment=dict(environment),
            leads="session" if session else "group" if group == 0 else "",
            passed=list(passed),
        )
        standard = [end if end >= 0 else own for own, end in enumerate((ends[0], ends[3], ends[5]))]
        self.pid = type(self).fork(wanted, [*standard, *passed])
        self._child_created = True
        self._close_pipe_fds(*ends)  # type: ignore[attr-defined]

    @staticmethod
    def _words(args: Any) -> list[str]:
        """The module of the engine in a command, with its arguments; nothing in another command."""
        if isinstance(args, str | bytes | os.PathLike) or args[0] != sys.executable:
            return []
        named = [number for number, word in enumerate(args) if word.startswith("ovtui.engine")]
        words = list(args[named[0] :]) if named else []
        return [] if words and words[0].startswith("ovtui.engine.measuring.") else words


def _read_by_imports(environment: Mapping[str, str]) -> dict[str, str]:
    read = {name: it for name, it in environment.items() if name.startswith(_READ)}
    return {name: it for name, it in read.items() if name not in QUIET}


class Server:
    """A process that has imported what engines import. It is started when it is first asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self.environment = os.environ | QUIET | _WITHOUT_THREADS

    def fork(self, wanted: Start, descriptors: Sequence[int]) -> int:
        """Forks a child of this process for what is wanted, and returns its number."""
        prctl = ctypes.CDLL(None).prctl
        with self._lock:
            self._socket = self._socket or self._started()
            prctl(_PR_SET_CHILD_SUBREAPER, 1)  # adopts what loses its parent meanwhile
            try:
                socket.send_fds(self._socket, [msgspec.json.encode(wanted)], descriptors)
                return int(self._socket.recv(PACKET))
            finally:
                prctl(_PR_SET_CHILD_SUBREAPER, 0)

    def _started(self) -> socket.socket:
        # Packets keep a message and its descriptors together.
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with there:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.preloaded_server"],
                stdin=there,
                cwd=_ROOT,
                env=self.environment,
            )
        return here

    def close(self) -> None:
        """Ends it; what was forked goes on."""
        if self._socket is not None:
            self._socket.close()
            self._process.wait()


@contextlib.contextmanager
def forked_by(server: Server) -> Iterator[None]:
    """While open, processes of the engine's that this one starts are forked by a server."""
    Forking.fork, Forking.imported_in = server.fork, server.environment
    original = subprocess.Popen
    subprocess.Popen = Forking  # type: ignore[misc]
    try:
        yield
    finally:
        subprocess.Popen = original  # type: ignore[misc]
