"""A dashboard that is ended by a signal gives the terminal back as it was."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import signal
import sys
import termios
import time
from pathlib import Path

import pytest

PATIENCE = 90.0
# What a program switches on: the other screen, the mouse, focus reports, pasting in brackets.
MODES = (b"1049", b"1000", b"1003", b"1006", b"1004", b"2004")


class Terminal:
    """A dashboard in a terminal of its own."""

    def __init__(self) -> None:
        self._process, self.descriptor = pty.fork()
        if self._process == 0:
            os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8", COLUMNS="80", LINES="24")
            for number in (signal.SIGHUP, signal.SIGINT):  # which nohup has ignored
                signal.signal(number, signal.SIG_DFL)
            os.execv(sys.executable, [sys.executable, "-m", "ovtui.cli"])
        self.before = termios.tcgetattr(self.descriptor)
        self.sent = b""

    def until(self, words: bytes) -> None:
        """Wait for words on the screen."""
        deadline = time.monotonic() + PATIENCE
        while words not in self.sent:
            assert time.monotonic() < deadline, self.sent[-2000:]
            self._read(1.0)

    def end(self, number: signal.Signals) -> int:
        """Send a signal; the status that it ends with."""
        os.kill(self._process, number)
        status = self._ended()
        while self._read(0.1):
            pass
        return status

    def take_away(self) -> int:
        """Close the terminal, as a killed tmux does; the status that the dashboard ends with."""
        os.close(self.descriptor)
        self.descriptor = -1
        return self._ended()

    def _ended(self) -> int:
        deadline = time.monotonic() + PATIENCE
        while not (ended := os.waitpid(self._process, os.WNOHANG))[0]:
            assert time.monotonic() < deadline
            self._read(0.05)
        return os.waitstatus_to_exitcode(ended[1])

    def _read(self, seconds: float) -> bool:
        if self.descriptor < 0:
            time.sleep(seconds)
            return False
        with contextlib.suppress(OSError):  # nobody has the other end any more
            if select.select([self.descriptor], [], [], seconds)[0]:
                self.sent += os.read(self.descriptor, 65536)
                return True
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_as_it_was(home: Path, number: signal.Signals) -> None:
    terminal = Terminal()
    try:
        terminal.until(b"Recipes")
        assert terminal.end(number) == 128 + number
        for mode in MODES:
            on, off = b"\x1b[?" + mode + b"h", b"\x1b[?" + mode + b"l"
            assert terminal.sent.rfind(off) >= terminal.sent.rfind(on), mode
        assert terminal.sent.rfind(b"\x1b[?25h") > terminal.sent.rfind(b"\x1b[?25l")
        assert termios.tcgetattr(terminal.descriptor)[:4] == terminal.before[:4]
    finally:
        os.close(terminal.descriptor)


def test_a_dashboard_does_not_outlive_its_terminal(home: Path) -> None:
    """A process that nobody sees holds memory, and looks at the run folders for ever."""
    terminal = Terminal()
    terminal.until(b"Recipes")
    assert terminal.take_away() == 128 + signal.SIGHUP
