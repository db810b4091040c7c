"""A program in a pseudo-terminal of 80×24: what it sends, when, and what it costs."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

DASHBOARD = (sys.executable, "-m", "ovtui.cli")


class Terminal:
    """A program that was started in a terminal of its own."""

    def __init__(
        self, command: Sequence[str] = DASHBOARD, env: Mapping[str, str] | None = None
    ) -> None:
        self._began = time.perf_counter()
        self.process, self._terminal = pty.fork()
        if self.process == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", LC_ALL="C.UTF-8")
            os.environ.update({"COLUMNS": "80", "LINES": "24", **(env or {})})
            os.execv(command[0], list(command))
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    def until(self, *words: str, most: float = 60.0) -> float:
        """Seconds from the start until all words have come."""
        found = b""
        end = time.monotonic() + most
        while not all(word.encode() in found for word in words):
            if time.monotonic() > end:
                raise TimeoutError(f"{words} have not come, but {found[-2000:]!r}")
            if select.select([self._terminal], [], [], 1.0)[0]:
                found += os.read(self._terminal, 65536)
        return time.perf_counter() - self._began

    def read(self, seconds: float) -> bytes:
        """All that comes in this time."""
        found, end = b"", time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self._terminal], [], [], left)[0]:
                found += os.read(self._terminal, 65536)
        return found

    def echo(self, key: str) -> float:
        """Seconds from a key to the first byte that answers it."""
        began = time.perf_counter()
        os.write(self._terminal, key.encode())
        if not select.select([self._terminal], [], [], 30.0)[0]:
            raise TimeoutError(f"nothing answers {key!r}")
        return time.perf_counter() - began

    def press(self, key: str) -> bytes:
        """Press a key; all that comes within a second."""
        os.write(self._terminal, key.encode())
        return self.read(1.0)

    def cpu_seconds(self) -> float:
        """User and system time so far, of all its threads."""
        tasks = Path(f"/proc/{self.process}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def rss_bytes(self) -> int:
        """Memory that it holds now."""
        return int(psutil.Process(self.process).memory_info().rss)

    def end(self) -> None:
        """Kill it."""
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self._terminal)
