"""Reads files that somebody else may have made: regular ones only, of a bounded size."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ovtui.core.text.errors import UserError, reason
from ovtui.core.text.units import human_bytes

T = TypeVar("T")

JsonObject = dict[str, Any]
"""Of a file that others define, such as `config.json`."""
TomlTable = dict[str, Any]
"""As `tomllib` reads it, before it is held against a structure."""

MOST_BYTES = 256 * 2**20
"""Of a file that is read as a whole: the largest seen is an `outcomes.json` of 30 MB."""
_MOST_TOML_BYTES = 2**20


class Damaged(ValueError):
    """A file that does not hold what it should."""


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turns what reading a file raises into an error for a person.

    Raises:
        UserError: the file cannot be read, or is damaged; it is named.
    """
    try:
        yield
    except Damaged as error:
        raise UserError(str(error)) from error
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {reason(error)}") from error


def open_regular(path: Path) -> io.BufferedReader:
    """Opens a file for reading; never one that could wait, or that never ends.

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
    """Returns all bytes of a file.

    Args:
        path: of the file.
        most: bytes that it may have.

    Raises:
        OSError: as for `open_regular`, or the file is larger.
    """
    with open_regular(path) as file:
        # The size first, and then what is really there: a file may grow meanwhile.
        if os.fstat(file.fileno()).st_size <= most and len(data := file.read(most + 1)) <= most:
            return data
    raise OSError(errno.EFBIG, f"larger than {human_bytes(most)}", str(path))


def read_json(path: Path, kind: type[T], most: int = MOST_BYTES) -> T:
    """Returns the structure that a JSON file holds.

    Args:
        path: of the file.
        kind: the structure.
        most: bytes that are read at most.

    Raises:
        OSError: as for `read_regular`.
        Damaged: it holds something else; the message names the file.
    """
    return decode_json(read_regular(path, most), kind, str(path))


def decode_json(data: bytes, kind: type[T], where: str) -> T:
    """Returns the structure in JSON text.

    Args:
        data: JSON text in UTF-8.
        kind: the structure.
        where: what an error names, as a path.

    Raises:
        Damaged: there is none in it; `where` is named.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except RecursionError:
        raise Damaged(f"{where}: cannot be read: nested too deeply") from None
    except (msgspec.DecodeError, ValueError, OverflowError) as error:
        raise Damaged(f"{where}: cannot be read: {error}") from error


def read_toml(path: Path) -> TomlTable:
    """Returns the tables of a TOML file.

    Raises:
        OSError: as for `read_regular`.
        Damaged: it is none, or larger or nested deeper than a person writes.
    """
    text = read_regular(path, _MOST_TOML_BYTES).decode("utf-8", "surrogateescape")
    return parse_toml(text, str(path))


def parse_toml(text: str, where: str) -> TomlTable:
    """Returns the tables of TOML text.

    Args:
        text: of the file; bytes that are no UTF-8 are surrogates.
        where: the file, for errors.

    Raises:
        Damaged: it is no TOML.
    """
    import tomllib  # 4 ms that the dashboard's first paint does not wait for

    if not text.isascii() and any("\udc80" <= character <= "\udcff" for character in text):
        raise Damaged(f"{where}: cannot be read as TOML: it is no UTF-8")
    # tomllib takes 13 s for a key of 20 000 parts.
    if max((line.partition("=")[0].count(".") for line in text.splitlines()), default=0) > 100:
        raise Damaged(f"{where}: not valid TOML: a key has more than 100 parts")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise Damaged(f"{where}: not valid TOML: nested too deeply") from None
    except ValueError as error:  # tomllib's own, or Python's for a number of 5000 digits
        raise Damaged(f"{where}: not valid TOML: {error}") from error


def _irregular(path: Path) -> OSError:
    return OSError(errno.EINVAL, "not a regular file", str(path))
