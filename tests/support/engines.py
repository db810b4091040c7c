"""Real engines, seen from the tests that kill and cancel them."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil

from ovtui.core.runs.run_folder import Run

PATIENCE = 90.0
# What the process model promises.
ORPHANS_GONE, CANCELLED_WITHIN = 2.0, 5.0


def wait_for(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def engine_of(run: Run) -> psutil.Process:
    wait_for(lambda: run.lock_path.exists() and run.lock_path.read_text().strip())
    return psutil.Process(int(run.lock_path.read_text()))


def still_alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Returns the processes that go on; one that only waits for its parent to notice its end does
    not.
    """
    left = psutil.wait_procs(processes, timeout=ORPHANS_GONE)[1]
    return [process for process in left if not is_zombie(process)]


def is_zombie(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
