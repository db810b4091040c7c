"""Stage outputs, kept by the content that they were made from."""

from __future__ import annotations

import contextlib
import errno
import functools
import glob
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from ovtui.core.files.locks import FileLock, is_locked
from ovtui.core.files.reading import read_json
from ovtui.core.files.writing import write_atomically
from ovtui.core.runs.run_folder import Run
from ovtui.engine.store import digests, stage_output

_ENTRY = "entry.json"
_ENTRY_FORMAT = 2
"""Of `entry.json`: file names with SHA-256; another number keeps older outputs from being found."""
_OWNERS = ".owners"
"""Folder of a lock for each process that writes into the cache, by its run."""
_DAMAGED = ".damaged"
_COPY_BYTES = 2**20
_DAY = 24 * 3600.0


def content_key(**parts: Any) -> str:
    """Returns a short name for everything that a stage's output depends on."""
    everything = parts | {"format": _format(), "entry": _ENTRY_FORMAT}
    canonical = msgspec.json.encode(msgspec.to_builtins(everything, order="sorted"), order="sorted")
    return hashlib.sha256(canonical).hexdigest()[:20]


@functools.cache
def _format() -> str:
    """Changes with the code that says what stages leave behind, also between two releases."""
    return hashlib.sha256(Path(stage_output.__file__).read_bytes()).hexdigest()


def is_finished(place: Path) -> bool:
    """Returns whether a stage has written everything that it has to into this folder."""
    return (place / _ENTRY).exists()


class Cache:
    """Folders `<stage>-<key>`; one that is not complete is never found.

    Args:
        folder: where they are.
        warn: told of an output that was found damaged.
    """

    def __init__(self, folder: Path, warn: Callable[[str], None] = lambda message: None) -> None:
        self.folder = folder
        self._warn = warn
        self._whole: set[Path] = set()
        """Outputs that this object has checked or written: these are not read again."""
        folder.mkdir(parents=True, exist_ok=True)

    def find(self, stage: str, key: str) -> Path | None:
        """Returns the finished output of a stage; None where it has to be made.

        A damaged one is moved aside with a warning.

        Args:
            stage: kind of the stage.
            key: of all that its output depends on.
        """
        place = self.place(stage, key)
        if not place.exists():
            return None
        if place not in self._whole and (damage := _damage(place)):
            aside = self._set_aside(place)
            self._warn(
                f"cache: {place.name}: {damage} is not as it was written; "
                f"it was moved to {aside} and is made anew"
            )
            return None
        self._whole.add(place)
        os.utime(place)
        return place

    def look(self, stage: str, key: str) -> Path | None:
        """Returns the finished output where it is whole, else None.

        A damaged one stays where it is, without a warning: whoever makes it anew calls `find`.
        """
        place = self.place(stage, key)
        return place if is_finished(place) and _damage(place) is None else None

    def _set_aside(self, place: Path) -> Path:
        """Keep the last damaged output for a person who wants to know what happened to it."""
        aside = self.folder / _DAMAGED
        shutil.rmtree(aside, ignore_errors=True)
        try:
            aside.mkdir()
            return place.rename(aside / place.name)
        except OSError:
            shutil.rmtree(place, ignore_errors=True)
            return aside

    def begin(self, run: Run, stage: str, key: str) -> Path:
        """Returns an empty folder to write the output into; `commit` makes it count.

        Args:
            run: that writes.
            stage: kind of the stage.
            key: of all that its output depends on.
        """
        place = self.folder / f".{stage}-{key}.{run.id}"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        return place

    def commit(self, written: Path, stage: str, key: str) -> Path:
        """Renames a finished output into place; another engine may have been first.

        Args:
            written: folder that `begin` gave.
            stage: kind of the stage.
            key: of all that its output depends on.
        """
        files = [path for path in written.rglob("*") if path.is_file()]
        sums = {str(path.relative_to(written)): digests.of_file(path) for path in files}
        write_atomically(written / _ENTRY, msgspec.json.encode(sums))
        place = self.place(stage, key)
        try:
            written.rename(place)
            self._whole.add(place)
        except OSError:
            if not is_finished(place):
                raise
            shutil.rmtree(written, ignore_errors=True)
        return place

    def remove(self, stage: str, key: str) -> None:
        """Removes a finished output; whoever has linked its files keeps them."""
        _delete(self.place(stage, key))

    def remove_unfinished(self, run: Run) -> None:
        """Removes what a run has begun and not committed; nothing may be writing it any more."""
        for place in self.folder.glob(f".*.{glob.escape(run.id)}"):
            shutil.rmtree(place, ignore_errors=True)

    def own(self, run: Run) -> FileLock:
        """Holds what a run has begun and not committed, so that no other engine removes it.

        Raises:
            AlreadyLocked: another process holds it.
        """
        path = self.folder / _OWNERS / run.id
        path.parent.mkdir(exist_ok=True)
        return FileLock(path)

    def remove_leftovers(self) -> None:
        """Removes what processes that are gone left half-written; what is owned stays."""
        for place in self.folder.glob(".*-*.*"):
            owner = place.name.split(".", 2)[2]
            if not is_locked(self.folder / _OWNERS / owner):
                shutil.rmtree(place, ignore_errors=True)
        for path in (self.folder / _OWNERS).glob("*"):
            # One that was made just now may not be held yet.
            if time.time() - path.stat().st_mtime > _DAY and not is_locked(path):
                path.unlink(missing_ok=True)

    def prune(self, limit_bytes: int, keep: Iterable[Path]) -> None:
        """Removes the outputs that were not used for longest.

        Args:
            limit_bytes: what may stay on disk; a file that several outputs link counts once.
            keep: folders that stay in any case.
        """
        kept = set(keep)
        entries = [path for path in self.folder.iterdir() if (path / _ENTRY).exists()]
        entries.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        total, seen = 0, set[tuple[int, int]]()
        for place in entries:
            for path in filter(Path.is_file, place.rglob("*")):
                status = path.stat()
                file = status.st_dev, status.st_ino
                total += 0 if file in seen else status.st_size
                seen.add(file)  # a component's graph is in its conversion too
            if total > limit_bytes and place not in kept:
                _delete(place)

    def place(self, stage: str, key: str) -> Path:
        """Returns where the output of this stage for this key is, or would be."""
        return self.folder / f"{stage}-{key}"


def _delete(place: Path) -> None:
    """Remove an output at once: what a kill leaves of it is a leftover, and no damaged output."""
    aside = place.with_name(f".{place.name}.deleted")
    with contextlib.suppress(OSError):  # it is gone, or half of it was left aside
        place.rename(aside)
    shutil.rmtree(place, ignore_errors=True)
    shutil.rmtree(aside, ignore_errors=True)


def _damage(place: Path) -> str | None:
    """The first file of an output that is gone or not as it was written; None where all are."""
    try:
        sums = read_json(place / _ENTRY, dict[str, str])
    except (OSError, ValueError):
        return _ENTRY
    for name, digest in sums.items():
        try:
            if digests.of_file(place / name) != digest:
                return name
        except OSError:
            return name
    return None


def link(source: Path, target: Path) -> None:
    """Gives a file another name, for the cache's own folders; nobody edits those.

    Where two names for a file are not possible, its content is copied.

    Args:
        source: a file.
        target: the new name; its folder is made.

    Raises:
        OSError: there is no room for a copy.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def copy(source: Path, target: Path) -> None:
    """Copies a file's content, for folders that a person may edit.

    It takes no room where the file system shares blocks until one is written (Btrfs, XFS, ZFS).

    Args:
        source: a file.
        target: the copy; its folder is made.

    Raises:
        OSError: there is no room for it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as read, target.open("wb") as written:
        left = os.fstat(read.fileno()).st_size
        share = getattr(os, "copy_file_range", lambda *_: 0)  # Linux alone has it
        try:
            while left and (count := share(read.fileno(), written.fileno(), left)):
                left -= count
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO):
                raise
        if left:  # between two file systems, or on one that shares no blocks
            read.seek(0)
            written.seek(0)
            shutil.copyfileobj(read, written, _COPY_BYTES)
