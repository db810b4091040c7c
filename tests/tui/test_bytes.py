"""Bytes to a real terminal: none when idle, few for a key, and the last result after leaving."""

from __future__ import annotations

import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

from tests.support.run_folders import write_done


class Session:
    """The dashboard in a pseudo-terminal of 80×24."""

    def __init__(self) -> None:
        # Not `pty.fork`: Python would go on in the child of a process that has threads by then.
        self._terminal, inside = os.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ovtui.cli"],
            stdin=inside,
            stdout=inside,
            stderr=inside,
            env=os.environ | terminal,
            start_new_session=True,
        )
        os.close(inside)

    def read(self, quiet: float, most: float = 20.0) -> str:
        """What comes until nothing comes for a while."""
        found = b""
        end = time.monotonic() + most
        while time.monotonic() < end and select.select([self._terminal], [], [], quiet)[0]:
            try:
                found += os.read(self._terminal, 65536)
            except OSError:  # it has ended
                break
        return found.decode("utf-8", "replace")

    def wait_for(self, text: str) -> str:
        """Read until this has come, and all that comes with it."""
        found, end = "", time.monotonic() + 60
        while text not in found and time.monotonic() < end:
            found += self.read(0.5, most=1.0)
        assert text in found
        return found + self.read(2.0)

    def press(self, key: str) -> str:
        """Press a key; what comes then: on a busy machine it may take its time."""
        os.write(self._terminal, key.encode())
        select.select([self._terminal], [], [], 20.0)
        return self.read(0.7)

    def end(self) -> int:
        """Its exit status."""
        status = self._process.wait(20)
        os.close(self._terminal)
        return status


def test_idle_sends_nothing_and_a_key_little(home: Path) -> None:
    for number in range(5):
        write_done(home, number)
    session = Session()
    first = session.wait_for("digits")
    # Each word can be seen: never text in the colour of its background.
    coloured = re.findall(r"38;2;(\d+;\d+;\d+);48;2;(\d+;\d+;\d+)m[^\x1b]*\w", first)
    assert coloured and all(front != back for front, back in coloured)
    assert session.read(3.0) == ""
    for key, most in {"j": 1_000, "\r": 10_000, "\t": 10_000, "5": 10_000, "6": 10_000}.items():
        assert 0 < len(session.press(key).encode()) <= most, key
    last = session.press("q") + session.read(2.0)
    assert "20260131-101503-digits-ab03" in last.rpartition("\x1b[?1049l")[2]
    assert session.end() == 0
