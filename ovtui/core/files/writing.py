"""Writes files whole or not at all, and what is no regular file as it is."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ovtui.core.text.errors import UserError, reason

_LONGEST = 100
"""Characters of a file's name that its temporary name takes over; file systems allow 255 bytes."""


MAKE_ROOM = "make room (ovtui rm RUN), or set OVTUI_HOME to another disk, and run it again"


def why_not_written(error: OSError) -> str:
    """Returns why a file could not be written, and what to do about a full disk."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full; {MAKE_ROOM}"
    if error.errno == errno.EFBIG:
        return "a file may not grow any more; raise the limit (ulimit -f)"
    return reason(error)


@contextmanager
def writable(path: Path) -> Iterator[None]:
    """Turns what writing a file raises into an error for a person.

    Raises:
        UserError: the file cannot be written; it is named, with what to do about a full disk.
    """
    try:
        yield
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {why_not_written(error)}") from error


def write_atomically(path: Path, data: bytes) -> None:
    """Writes beside and renames, so that nobody ever reads half a file.

    A link is followed and a file keeps its mode. A device or a FIFO is written to: it cannot be
    replaced without taking it away from who reads it.

    Raises:
        OSError: it cannot be written; what was there is as it was.
    """
    mode = _mode_of(path)
    if mode is not None and not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        with path.open("wb", buffering=0) as file:
            file.write(data)
        return
    path = Path(os.path.realpath(path))
    # A name that can be guessed, in a folder shared with others, may be a link of theirs.
    temporary = path.with_name(f".{path.name[:_LONGEST]}.{secrets.token_hex(8)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if mode is not None:
                with contextlib.suppress(OSError):  # a file system without modes
                    os.fchmod(descriptor, stat.S_IMODE(mode))
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _mode_of(path: Path) -> int | None:
    """Kind and permissions of what is there, behind links; None where there is nothing."""
    try:
        return path.stat().st_mode
    except OSError:
        return None
