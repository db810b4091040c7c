"""`python -m tests.support.preloaded_server`: imports what engines import, and forks when asked.

It has one thread, compiles nothing and runs no tensor: what it is forked with is modules.
"""

from __future__ import annotations

import atexit
import fcntl
import gc
import importlib
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import time
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import msgspec

import ovtui.engine
from ovtui.engine.libraries.hidden import hidden
from ovtui.engine.processes.lifeline import leave
from tests.support.preloaded import PACKET, Forking, Start

_ABOVE_ALL = 1000
"""Where descriptors lie while those that are wanted get their numbers."""


def main() -> int:
    """Serves until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel = socket.socket(fileno=os.dup(0))
    _import_all()
    threads = [path.read_text() for path in Path("/proc/self/task").glob("*/comm")]
    assert len(threads) == 1, threads
    gc.collect()
    gc.freeze()  # collections in a forked process would write to, and so copy, every page
    while True:
        packet, descriptors, _, _ = socket.recv_fds(channel, PACKET, 64)
        if not packet:
            return 0
        wanted = msgspec.json.decode(packet, type=Start)
        channel.send(str(_fork_orphan(wanted, descriptors)).encode())
        for descriptor in descriptors:
            os.close(descriptor)


def _import_all() -> None:
    """Imports the engine and its libraries; NNCF as those stages have it that need no PyTorch."""
    with hidden("torch"):
        importlib.import_module("ovtui.engine.compression.compress")
    for module in pkgutil.walk_packages(ovtui.engine.__path__, "ovtui.engine."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    warnings.filterwarnings("ignore", "'ovtui.*' found in sys.modules", RuntimeWarning)  # of runpy


def _fork_orphan(wanted: Start, descriptors: Sequence[int]) -> int:
    """Forks a process, and has this one's parent adopt it: returns its number when that is done."""
    reader, writer = os.pipe()
    between = os.fork()
    if not between:
        between = os.getpid()
        pid = os.fork()
        if not pid:
            while os.getppid() == between:
                time.sleep(0.001)
            _become(wanted, descriptors)
        os.write(writer, str(pid).encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(between, 0)
    with os.fdopen(reader) as told:
        return int(told.read())


def _fork_child(wanted: Start, descriptors: Sequence[int]) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    return os.fork() or _become(wanted, descriptors)


def _become(wanted: Start, descriptors: Sequence[int]) -> NoReturn:
    """Goes on as `python -P -m` of a module, in the process that was forked for it."""
    status = 1
    atexit._clear()  # what the process that this is a copy of has to do at its end
    try:
        if wanted.leads == "session":
            os.setsid()
        if wanted.leads == "group":
            os.setpgid(0, 0)
        _put(descriptors, [0, 1, 2, *wanted.passed])
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGALRM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.chdir(wanted.folder)
        os.environ.clear()
        os.environ.update(wanted.environment)
        Forking.fork, Forking.imported_in = _fork_child, os.environ
        subprocess.Popen = Forking  # type: ignore[misc]
        sys.argv = wanted.words
        runpy.run_module(wanted.words[0], run_name="__main__", alter_sys=True)
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        leave(status)


def _put(descriptors: Sequence[int], numbers: Sequence[int]) -> None:
    """Gives descriptors the numbers that are wanted, and closes all others."""
    copies = [fcntl.fcntl(it, fcntl.F_DUPFD, _ABOVE_ALL) for it in descriptors]
    for copy, number in zip(copies, numbers, strict=True):
        os.dup2(copy, number)
    kept = sorted(numbers)
    for start, end in zip(kept, [*kept[1:], os.sysconf("SC_OPEN_MAX")], strict=True):
        os.closerange(start + 1, end)


if __name__ == "__main__":
    sys.exit(main())
