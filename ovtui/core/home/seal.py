"""Which runs were made in this home: a mark over `run.json` that no other home can make."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from ovtui.core.files.reading import read_regular
from ovtui.core.home import directories

_FILE = ".seal"
_KEY = ".key"
_KEY_BYTES = 32


def seal(folder: Path) -> None:
    """Marks a run folder as made here, as soon as its `run.json` is written.

    Raises:
        OSError: the mark cannot be written.
    """
    (folder / _FILE).write_text(_mark(folder, _key(make=True)))


def is_own(folder: Path) -> bool:
    """Returns whether this home made the run, and its `run.json` is what it was then."""
    try:
        sealed = read_regular(folder / _FILE, 1024)
        return hmac.compare_digest(sealed, _mark(folder, _key()).encode())
    except OSError:
        return False


def _mark(folder: Path, key: bytes) -> str:
    return hmac.new(key, read_regular(folder / "run.json"), hashlib.sha256).hexdigest()


def _key(*, make: bool = False) -> bytes:
    """The home's own secret, for its owner alone.

    Raises:
        OSError: there is none, or it cannot be made.
    """
    path = directories.home() / _KEY
    try:
        return read_regular(path, 1024)
    except FileNotFoundError:
        if not make:
            raise
    temporary = path.with_name(f"{_KEY}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
        with contextlib.suppress(FileExistsError):  # two that start at once agree on one
            os.link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return read_regular(path, 1024)
