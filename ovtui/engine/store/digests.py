"""Checksums of files, remembered for as long as the file system proves that a file is the same."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import time
from pathlib import Path

import msgspec

from ovtui.core.files.reading import open_regular, read_json
from ovtui.core.files.writing import write_atomically
from ovtui.core.home import directories

_WORTH_BYTES = 2**20
"""Smaller files are read again by the next process: 1 MiB takes 1 ms."""
_SETTLED_NS = 2 * 10**9
"""A file that changed less than 2 s before it was read may change again within one tick of the
file system's clock (Git calls such an entry racy)."""


class _Seen(msgspec.Struct, frozen=True, array_like=True):
    """A file when its checksum was taken; no program can set `changed` (ctime) back."""

    inode: int
    size: int
    modified: int
    changed: int
    digest: str


def of_file(path: Path) -> str:
    """Returns the SHA-256 of a file's content.

    The sum is taken again only when inode, size, time of change or time of the inode's change
    (ctime) is another: `cp -p`, `touch -r` and `rsync -t` set the first time only.

    Raises:
        OSError: it cannot be read, or is no regular file.
    """
    status = path.stat()
    state = status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
    known = _known(_place())
    seen = known.get(str(path))
    if seen is not None and (seen.inode, seen.size, seen.modified, seen.changed) == state:
        return seen.digest
    now = time.time_ns()
    digest = of_content(path)
    if now - max(status.st_mtime_ns, status.st_ctime_ns) > _SETTLED_NS:
        known[str(path)] = _Seen(*state, digest)
        if status.st_size >= _WORTH_BYTES:
            _write(known)
    return digest


def of_content(path: Path) -> str:
    """Returns the SHA-256 of a file's content, taken now.

    Raises:
        OSError: it cannot be read, or is no regular file.
    """
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@functools.cache
def _known(place: Path) -> dict[str, _Seen]:
    """What is remembered: here of every file, in later processes of the large ones."""
    try:
        return read_json(place, dict[str, _Seen])
    except (OSError, ValueError):
        return {}


def _write(known: dict[str, _Seen]) -> None:
    large = {name: it for name, it in known.items() if it.size >= _WORTH_BYTES}
    kept = {name: it for name, it in large.items() if Path(name).exists()}
    with contextlib.suppress(OSError):  # then it is taken again the next time
        write_atomically(_place(), msgspec.json.encode(kept))


def _place() -> Path:
    return directories.home() / "cache" / ".digests.json"
