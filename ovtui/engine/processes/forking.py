"""What the engine and its fork server say to each other: one packet for each message.

Importing PyTorch and a family of transformers takes every process 9 s, and 150 MB that all of them
could share. A server imports once, does nothing else, and is forked for each of them.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from ovtui.engine.processes.child import Ended, command_of

PACKET = 65536


class Fork(msgspec.Struct, frozen=True, tag=True):
    """Run a module's `main`, with the three descriptors that come along as its standard ones."""

    number: int
    module: str
    arguments: list[str]
    group: bool
    mmap_threshold: int | None
    """Bytes from which the C library gives memory back at once; its own choice when None."""


class Kill(msgspec.Struct, frozen=True, tag=True):
    """End the process of this number."""

    number: int


class Began(msgspec.Struct, frozen=True, tag=True):
    """The process of this number was forked."""

    number: int
    pid: int


class Died(msgspec.Struct, frozen=True, tag=True):
    """The process of this number has ended, with a code as `subprocess` has it."""

    number: int
    code: int
    peak_rss_bytes: int


class ForkServer:
    """A process that imports what a model of transformers needs, and is forked when asked to.

    Args:
        pipeline: file that describes the model.
        log: descriptor for what it prints.
        environment: of it and all that are forked.
    """

    def __init__(self, pipeline: Path, log: int, environment: Mapping[str, str]) -> None:
        # Packets keep a message and its descriptors together.
        self._socket, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with there:
            self._process = subprocess.Popen(
                command_of("ovtui.engine.processes.fork_server", str(pipeline)),
                stdin=there.fileno(),
                stdout=log,
                stderr=log,
                env=environment,
            )
        self._forked = 0
        self._pids: dict[int, int] = {}
        self._ended: dict[int, Ended] = {}
        self._end: Ended | None = None

    @property
    def is_gone(self) -> bool:
        """Whether the server has ended, and with it all that were forked."""
        while self._hear(wait=False):
            pass
        return self._end is not None

    def fork(
        self,
        module: str,
        arguments: Sequence[str] = (),
        *,
        log: int | None = None,
        group: bool = False,
        mmap_threshold: int | None = None,
    ) -> Forked:
        """Starts a module's `main` in a process of its own; it begins once all is imported.

        Args:
            module: that has it.
            arguments: what follows the name in `sys.argv`.
            log: descriptor for what it prints; pipes of its own when None.
            group: lead a process group.
            mmap_threshold: see `Fork`.
        """
        self._forked += 1
        number = self._forked
        asked = Fork(number, module, list(arguments), group, mmap_threshold)
        theirs, stdin = os.pipe()
        given, ours = [theirs], list[int]()
        for _ in ("stdout", "stderr"):
            if log is None:
                reader, writer = os.pipe()
                ours.append(reader)
                given.append(writer)
            else:
                given.append(os.dup(log))
        with contextlib.suppress(OSError):  # the server has ended, as `end_of` will say
            socket.send_fds(self._socket, [msgspec.json.encode(asked)], given)
        for descriptor in given:
            os.close(descriptor)
        return Forked(self, number, stdin, ours)

    def kill(self, number: int) -> None:
        """Ends a process that was forked."""
        with contextlib.suppress(OSError):
            self._socket.send(msgspec.json.encode(Kill(number)))

    def pid_of(self, number: int) -> int:
        """Returns the id of a process when it is forked; the server's where that has ended."""
        while number not in self._pids and self._hear(wait=True):
            pass
        return self._pids.get(number, self._process.pid)

    def end_of(self, number: int, *, wait: bool) -> Ended | None:
        """Returns how a process ended; None while it lives."""
        while number not in self._ended and self._hear(wait=wait):
            pass
        return self._ended.get(number, self._end)

    def close(self) -> None:
        """Ends the server, and all processes that were forked from it."""
        self._process.kill()
        while self._hear(wait=True):
            pass

    def _hear(self, *, wait: bool) -> bool:
        """Take in one message, if there is one or will be."""
        if self._end is not None:
            return False
        try:
            packet = self._socket.recv(PACKET, 0 if wait else socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except ConnectionResetError:
            packet = b""
        if not packet:  # the server has ended, or is about to, and all that were forked with it
            _, status, usage = os.wait4(self._process.pid, 0)
            self._process.returncode = os.waitstatus_to_exitcode(status)
            self._end = Ended(self._process.returncode, usage.ru_maxrss * 1024)
            self._socket.close()
            return False
        match msgspec.json.decode(packet, type=Began | Died):
            case Began(number, pid):
                self._pids[number] = pid
            case Died(number, code, peak):
                self._ended[number] = Ended(code, peak)
        return True


class Forked:
    """A process that a server was forked for, as `child.Child` has it."""

    def __init__(self, server: ForkServer, number: int, stdin: int, outputs: Sequence[int]) -> None:
        self._server = server
        self._number = number
        self.stdin = cast(BinaryIO, os.fdopen(stdin, "wb"))
        self.stdout: BinaryIO | None
        self.stderr: BinaryIO | None
        opened: list[BinaryIO] = [cast(BinaryIO, os.fdopen(reader, "rb")) for reader in outputs]
        self.stdout, self.stderr = opened if opened else (None, None)

    @property
    def pid(self) -> int:
        return self._server.pid_of(self._number)

    def ended(self, *, wait: bool = False) -> Ended | None:
        """Returns how it ended; None while it lives."""
        return self._server.end_of(self._number, wait=wait)

    def kill(self) -> None:
        """Ends it now; harmless when it has ended."""
        if self.ended() is None:
            self._server.kill(self._number)
            self.ended(wait=True)
