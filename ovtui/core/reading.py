"""Reads files that somebody else may have made: regular ones only, of a bounded size."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

T = TypeVar("T")

MOST_BYTES = 256 * 2**20
"""Of a file that is read as a whole: the largest seen is an `outcomes.json` of 30 MB."""


class Damaged(ValueError):
    """A file that does not hold what it should."""


def open_regular(path: Path) -> BinaryIO:
    """Open a file for reading; never one that could wait, or that never ends.

    Raises:
        FileNotFoundError: there is none.
        OSError: it cannot be read, or is a folder, a FIFO, a device or a socket.
    """
    if not stat.S_ISREG(path.stat().st_mode):  # opening a device may already do something
        raise _irregular(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _irregular(path)
    return os.fdopen(descriptor, "rb")


def read_regular(path: Path, most: int = MOST_BYTES) -> bytes:
    """All bytes of a file.

    Raises:
        OSError: as for `open_regular`, or it has more than `most` bytes.
    """
    with open_regular(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"larger than {most / 2**20:.3g} MiB", str(path))
    return data


def read_json(path: Path, kind: type[T], most: int = MOST_BYTES) -> T:
    """The structure that a JSON file holds.

    Raises:
        OSError: as for `read_regular`.
        Damaged: it holds something else; the message names the file.
    """
    return decode_json(read_regular(path, most), kind, str(path))


def decode_json(data: bytes, kind: type[T], where: str) -> T:
    """The structure in JSON text.

    Raises:
        Damaged: there is none in it; `where` is named.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except RecursionError:
        raise Damaged(f"{where}: cannot be read: nested too deeply") from None
    except (msgspec.DecodeError, ValueError, OverflowError) as error:
        raise Damaged(f"{where}: cannot be read: {error}") from error


def _irregular(path: Path) -> OSError:
    return OSError(errno.EINVAL, "not a regular file", str(path))
