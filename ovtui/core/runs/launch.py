"""Starts and cancels engine processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from ovtui.core.files.locks import FileLock, is_locked
from ovtui.core.files.reading import read_regular
from ovtui.core.runs import events
from ovtui.core.runs.run_folder import Run, State

# With what follows, a run has ended within 5 s.
_PATIENCE_SECONDS = 4.5


def start(run: Run) -> subprocess.Popen[bytes]:
    """Starts the engine of a run, detached from this process and its terminal.

    It is handed the run's lock, held and with its number in it: however long it takes to begin,
    it is seen to live.

    Raises:
        OSError: there is no room for it, or no process can be made; nothing was started.
    """
    run.reserve()
    with FileLock(run.lock_path) as lock, run.log_path.open("ab") as log:
        os.pwrite(lock.descriptor, b"\n", 0)  # takes the room that the number needs below
        engine = subprocess.Popen(
            [sys.executable, "-P", "-m", "ovtui.engine", str(run.folder), str(lock.descriptor)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(lock.descriptor,),
            cwd=run.folder,
        )
        os.pwrite(lock.descriptor, f"{engine.pid}\n".encode(), 0)
        return engine


def cancel(run: Run) -> State | None:
    """Ends a run's engine: politely, and after 4.5 s by force.

    Returns:
        How the run ended, which may have been before the signal came; None when there was no
        engine to end.
    """
    group = _engine_group(run)
    if group is None:
        return None
    _signal(group, signal.SIGTERM)
    if not _wait_for_end(run, _PATIENCE_SECONDS):
        _signal(group, signal.SIGKILL)
        _wait_for_end(run, 1.0)
    if run.outcome() is None:
        run.append(events.Cancelled(time=time.time()))
    return run.state()


def _wait_for_end(run: Run, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_locked(run.lock_path):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _engine_group(run: Run) -> int | None:
    """The process group of the living engine: it writes its number into the lock it holds."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while run.state().alive and time.monotonic() < deadline:
        if is_locked(run.lock_path):
            try:
                return int(read_regular(run.lock_path, 64))
            except (OSError, ValueError):
                pass
        time.sleep(0.05)
    return None


def _signal(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return
