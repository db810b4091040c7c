"""Tickets of who waits for the machine, from all homes that share its locks: the oldest first."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from ovtui.core.files.locks import FileLock, Held, is_locked, lock_now
from ovtui.core.runs.run_ids import NO_STAMP, age_order

_PREFIX = "ovtui-ticket-"


class Ticket(Held):
    """A file whose name tells how old a run is, locked for as long as the run waits."""

    def __init__(self, folder: Path, run: Path) -> None:
        """Take a ticket; where none can be made, wait without one, behind those that have one.

        Args:
            folder: of the machine's locks.
            run: the run's folder.
        """
        stamp, made, name = age_order(run)
        self._path = folder / f"{_PREFIX}{stamp or NO_STAMP}-{made:020d}-{name}"
        self._lock: FileLock | None = None
        with contextlib.suppress(OSError):
            self._lock = _taken(self._path)

    def ahead(self) -> int:
        """Counts those that wait and are older; a ticket that nobody holds any more is removed."""
        count = 0
        for other in self._path.parent.glob(f"{_PREFIX}*"):
            if other.name < self._path.name:
                count += is_locked(other)
                _remove_if_left(other)
        return count

    def release(self) -> None:
        """Waits no more; does nothing a second time."""
        if self._lock is not None:
            self._path.unlink(missing_ok=True)
            self._lock.release()
            self._lock = None


def _taken(path: Path) -> FileLock:
    """The lock of a ticket that has its name: somebody may just have removed an older one."""
    while True:
        lock = FileLock(path)
        with contextlib.suppress(OSError):
            if os.fstat(lock.descriptor).st_ino == path.stat().st_ino:
                return lock
        lock.release()


def _remove_if_left(path: Path) -> None:
    """Remove the ticket of a process that was killed; one of another user stays, and is no harm."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            if lock_now(descriptor, fcntl.LOCK_EX):
                path.unlink(missing_ok=True)
        finally:
            os.close(descriptor)
