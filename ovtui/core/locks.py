"""Advisory locks: one worker per run folder, one measurement per machine."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from ovtui.core.errors import UserError

MEASUREMENT_LOCK = "ovtui-measurement.lock"
POLL_S = 0.2
PROBE_RETRIES = 5
"""A probe holds its shared lock for microseconds; 5 tries 10 ms apart outlast it."""


class AlreadyLocked(UserError):
    """Another process, or another object of this one, holds the lock."""


class FileLock:
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
                if _lock(self._descriptor, fcntl.LOCK_EX):
                    return
                time.sleep(0.01)
            raise AlreadyLocked(f"{path}: locked by another process; wait until it has ended")
        except BaseException:
            self.release()
            raise

    @classmethod
    def inherited(cls, path: Path, descriptor: int) -> FileLock:
        """The lock that whoever started this process took for it."""
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
        """Give the lock back; a second time does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> FileLock:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def __del__(self) -> None:
        if getattr(self, "_descriptor", None) is not None:
            self.release()


def is_locked(path: Path) -> bool:
    """Whether somebody holds the `FileLock` of this path; neither makes nor disturbs it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:  # missing, or nothing that a `FileLock` can be: a link, another user's
        return False
    try:
        return not _lock(descriptor, fcntl.LOCK_SH)
    except OSError:
        return False
    finally:
        os.close(descriptor)


@contextmanager
def measurement_lock(
    on_wait: Callable[[float], None] | None = None, *, directory: Path | None = None
) -> Iterator[None]:
    """Hold the machine's only permission to measure, whoever asks; not to be nested.

    Args:
        on_wait: called with the seconds waited so far, several times a second.
        directory: as for `machine_lock`.

    Raises:
        UserError: the lock file cannot be used.
    """
    started = time.monotonic()

    def wait() -> None:
        if on_wait is not None:
            on_wait(time.monotonic() - started)

    with machine_lock(MEASUREMENT_LOCK, on_wait=wait, directory=directory):
        yield


@contextmanager
def machine_lock(
    name: str,
    *,
    may_try: Callable[[], bool] = lambda: True,
    on_wait: Callable[[], None] = lambda: None,
    directory: Path | None = None,
) -> Iterator[None]:
    """Hold a lock that is one for the whole machine, whichever user asks.

    Args:
        name: of the lock file.
        may_try: asked before each try; the lock is only taken after it says yes.
        on_wait: called after each try that failed, several times a second.
        directory: where the lock file lives; when not given `OVTUI_LOCKS`, or the system's
            temporary directory, `TMPDIR` aside: it may differ from one session to the next.

    Raises:
        UserError: the lock file cannot be used.
    """
    descriptor = _open_shared((directory or _machine_folder()) / name)
    try:
        while not (may_try() and _lock(descriptor, fcntl.LOCK_EX)):
            on_wait()
            time.sleep(POLL_S)
        yield
    finally:
        os.close(descriptor)


def _machine_folder() -> Path:
    """Where all sessions of a machine look; tests have a place of their own."""
    if chosen := os.environ.get("OVTUI_LOCKS"):
        return Path(chosen)
    system = Path("/tmp")
    return system if system.is_dir() else Path(tempfile.gettempdir())


def _open_shared(path: Path) -> int:
    """Open a lock file that several users share in a sticky directory.

    There the kernel refuses O_CREAT on a file of somebody else (`fs.protected_regular`), so the
    file is first opened without it.
    """
    if not path.parent.is_dir():
        raise UserError(
            f"{path.parent}: no such folder to keep the machine's locks in; make it, or name"
            " another in OVTUI_LOCKS"
        )
    base = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    refused: OSError | None = None
    for flags in (os.O_RDWR, os.O_RDWR | os.O_CREAT, os.O_RDWR, os.O_RDONLY):
        try:
            descriptor = os.open(path, base | flags, 0o666)
        except OSError as error:
            refused = error
            if error.errno not in (errno.ENOENT, errno.EACCES, errno.EPERM):
                break
            continue
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode):
            if status.st_uid == os.geteuid() and stat.S_IMODE(status.st_mode) != 0o666:
                os.fchmod(descriptor, 0o666)  # the umask took bits away
            return descriptor
        os.close(descriptor)
        break
    why = refused.strerror if refused else "not a regular file"
    raise UserError(f"{path}: cannot be used as a lock of the machine ({why}); remove it")


def _lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
