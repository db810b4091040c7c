"""Turns on the machine: one engine works at a time, and one measurement.

A user's own processes wait for each other by locks that nobody else can open. Those of other users
are seen, not held: who measures waits for them out of courtesy, for its own numbers' sake, and not
for ever. Whoever names a folder in `OVTUI_LOCKS` shares its locks with all who name it too.
"""

from __future__ import annotations

import errno
import fcntl
import os
import random
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ovtui.core.files.locks import lock_now
from ovtui.core.home import directories
from ovtui.core.machine.holders import Holder, holder_of
from ovtui.core.text.errors import UserError, reason

MEASUREMENT_LOCK = "ovtui-measurement.lock"
POLL_S = 0.2
COURTESY_S = 1800.0
"""Waited for other users: as long as the longest runs that were seen."""

Waiting = Callable[[Holder], None]


@contextmanager
def measurement_lock(
    on_wait: Waiting = lambda holder: None, *, directory: Path | None = None
) -> Iterator[Holder | None]:
    """Holds the permission to measure; not to be nested. Waits as `machine_lock` does.

    Args:
        on_wait: told who holds it, several times a second.
        directory: as for `machine_lock`.

    Yields:
        As `machine_lock` does.

    Raises:
        UserError: the lock file cannot be used.
    """
    with machine_lock(MEASUREMENT_LOCK, on_wait=on_wait, directory=directory) as beside:
        yield beside


@contextmanager
def machine_lock(
    name: str,
    *,
    may_try: Callable[[], bool] = lambda: True,
    on_wait: Waiting = lambda holder: None,
    directory: Path | None = None,
) -> Iterator[Holder | None]:
    """Waits for a turn, then holds it.

    Args:
        name: of the lock file.
        may_try: asked before each try; the lock is only taken after it says yes.
        on_wait: told who holds it after each try that failed, several times a second.
        directory: of locks that several users share; when not given `OVTUI_LOCKS`, or a folder of
            the user's own.

    Yields:
        Another user's run that works at the same time: it was waited for long enough.

    Raises:
        UserError: the lock file cannot be used.
    """
    chosen = directory or _chosen_folder()
    path = (chosen or lock_folder()) / name
    descriptor = _open(path, shared=chosen is not None)
    patience = time.monotonic() + COURTESY_S
    try:
        while True:
            other = None
            if may_try() and lock_now(descriptor, fcntl.LOCK_EX):
                other = None if chosen else _of_others(name)
                if other is None or time.monotonic() > patience:
                    break
                fcntl.flock(descriptor, fcntl.LOCK_UN)  # the others wait for us as well
            on_wait(other or holder_of(path) or Holder())
            time.sleep(POLL_S * random.uniform(0.5, 1.5))  # two that look at once see each other
        os.utime(descriptor)  # since when
        yield other
    finally:
        os.close(descriptor)


def lock_folder() -> Path:
    """Returns where the locks of the machine are, whatever the home: `OVTUI_LOCKS`, or the user's
    own.

    Raises:
        UserError: there is no such folder.
    """
    folder = _chosen_folder() or _own_folder()
    _check_there(folder)
    return folder


def _check_there(folder: Path) -> None:
    if not folder.is_dir():
        raise UserError(
            f"{folder}: no such folder to keep the machine's locks in; make it, or name"
            " another in OVTUI_LOCKS"
        )


def _chosen_folder() -> Path | None:
    chosen = os.environ.get("OVTUI_LOCKS")
    return Path(chosen) if chosen else None


def _common() -> Path:
    """Where users find each other's folders: not `TMPDIR`, which may differ between sessions."""
    system = Path("/tmp")
    return system if system.is_dir() else Path(tempfile.gettempdir())


def _own_folder() -> Path:
    """The user's own folder of locks, which others may look into by name and not open.

    Where somebody else has taken its name, it is in the home: nobody is stopped by that.
    """
    folder = _common() / f"ovtui-{os.geteuid()}"
    try:
        folder.mkdir(mode=0o711)
    except OSError:
        if not _belongs_to(folder, os.geteuid()):
            folder = directories.writable_home() / "locks"
            folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o711)
    return folder


def _of_others(name: str) -> Holder | None:
    """Another user's process that has its turn now."""
    for folder in _common().glob("ovtui-*"):
        user = folder.name.removeprefix("ovtui-")
        if not user.isdecimal() or int(user) == os.geteuid() or not _belongs_to(folder, int(user)):
            continue
        holder = holder_of(folder / name)
        if holder is not None and not holder.own:
            return holder
    return None


def _belongs_to(folder: Path, user: int) -> bool:
    """A real folder of this user, and no link."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == user


def _open(path: Path, *, shared: bool) -> int:
    """Open a lock file, its owner's alone or one that several users share in a sticky folder.

    There the kernel refuses O_CREAT on a file of somebody else (`fs.protected_regular`), so the
    file is first opened without it.
    """
    _check_there(path.parent)
    mode = 0o666 if shared else 0o600
    base = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    refused: OSError | None = None
    for flags in (os.O_RDWR, os.O_RDWR | os.O_CREAT, os.O_RDWR, os.O_RDONLY):
        try:
            descriptor = os.open(path, base | flags, mode)
        except OSError as error:
            refused = error
            if error.errno not in (errno.ENOENT, errno.EACCES, errno.EPERM):
                break
            continue
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode):
            if status.st_uid == os.geteuid() and stat.S_IMODE(status.st_mode) != mode:
                os.fchmod(descriptor, mode)  # the umask took bits away
            return descriptor
        os.close(descriptor)
        break
    why = reason(refused) if refused else "not a regular file"
    raise UserError(
        f"{path}: cannot be used as a lock of the machine ({why}); "
        "remove it, or name another folder in OVTUI_LOCKS"
    )
