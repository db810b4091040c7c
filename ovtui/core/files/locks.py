"""Advisory locks of files: one worker per run folder."""

from __future__ import annotations

import fcntl
import os
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Self

from ovtui.core.text.errors import UserError

PROBE_RETRIES = 5
"""A probe holds its shared lock for microseconds; 5 tries 10 ms apart outlast it."""


class AlreadyLocked(UserError):
    """Another process, or another object of this one, holds the lock."""


class Held(ABC):
    """Something that is released at the end of its `with`."""

    @abstractmethod
    def release(self) -> None:
        """Gives it back; does nothing a second time."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class FileLock(Held):
    """An exclusive `flock`, taken at once or not at all, held until released or the process ends.

    A process started by exec does not inherit it.
    """

    def __init__(self, path: Path) -> None:
        """Take the lock; the file is made where it is missing and is never removed.

        Raises:
            AlreadyLocked: it is held elsewhere.
            OSError: the file cannot be opened.
        """
        self.path = path
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._descriptor: int | None = os.open(path, flags, 0o644)
        try:
            for _ in range(PROBE_RETRIES):
                if lock_now(self._descriptor, fcntl.LOCK_EX):
                    return
                time.sleep(0.01)
            raise AlreadyLocked(f"{path}: locked by another process; wait until it has ended")
        except BaseException:
            self.release()
            raise

    @classmethod
    def inherited(cls, path: Path, descriptor: int) -> FileLock:
        """Returns the lock that whoever started this process took for it."""
        lock = cls.__new__(cls)
        lock.path = path
        lock._descriptor = descriptor
        os.set_inheritable(descriptor, False)
        return lock

    @property
    def descriptor(self) -> int:
        """To hand on to a process: the lock is held until both have closed it."""
        assert self._descriptor is not None
        return self._descriptor

    def release(self) -> None:
        """Gives the lock back; does nothing a second time."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __del__(self) -> None:
        if getattr(self, "_descriptor", None) is not None:
            self.release()


def is_locked(path: Path) -> bool:
    """Returns whether somebody holds the `FileLock` of this path; neither makes nor disturbs it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:  # missing, or nothing that a `FileLock` can be: a link, another user's
        return False
    try:
        return not lock_now(descriptor, fcntl.LOCK_SH)
    except OSError:
        return False
    finally:
        os.close(descriptor)


def lock_now(descriptor: int, kind: int) -> bool:
    """Takes a lock if nobody holds another, and returns whether it was taken.

    Args:
        descriptor: of the open file that is locked.
        kind: `fcntl.LOCK_SH` or `fcntl.LOCK_EX`.
    """
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
