"""Rows of an `.npz` file, within the memory that there is."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from ovtui.core.machine.machine import memory_bytes
from ovtui.core.text.errors import SourceError, reason
from ovtui.core.text.units import human_bytes
from ovtui.engine.data.tables import Table, only_split

_MOST_UNPACKED, _MOST_RATIO = 2**30, 100
"""Bytes of an archive, and how often its own size: masks and flat pictures shrink 50 times."""


def from_npz(path: Path, text: str, split: str) -> Table:
    """Reads the arrays of one file; their first axis is the samples.

    Args:
        path: of the archive.
        text: as the recipe names it, for errors.
        split: a file has one: `all`.

    Raises:
        SourceError: the arrays differ in their number of samples, or cannot be read; or the split
            is not `all`.
    """
    only_split(text, split)
    arrays = read_npz(path, text)
    lengths = {name: len(array) if array.ndim else 0 for name, array in arrays.items()}
    if not arrays or len(set(lengths.values())) != 1:
        raise SourceError(
            f"{text}: expected arrays of one length on their first axis, found {lengths}"
        )
    return Table(
        next(iter(lengths.values())),
        lambda index: {name: array[index] for name, array in arrays.items()},
        list(arrays),
        folder=path.parent,
        column=arrays.get,
    )


def read_npz(path: Path, text: str) -> dict[str, np.ndarray]:
    """Returns all arrays of an archive by name, in their own shapes and dtypes.

    Args:
        path: of the archive.
        text: as the recipe names it, for errors.

    Raises:
        SourceError: it is damaged, holds pickled objects, or is too large unpacked.
    """
    if not zipfile.is_zipfile(path):
        raise SourceError(f"{text}: damaged, cut short or no .npz file; write or copy it again")
    _check_size(path, text)
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except Exception as error:  # zipfile and zlib raise their own kinds for a damaged archive
        if "allow_pickle" in str(error):
            raise SourceError(
                f"{text}: holds pickled Python objects, which are not read; save plain arrays"
            ) from error
        raise SourceError(
            f"{text}: damaged .npz ({reason(error)}); write or copy it again"
        ) from error


def _check_size(path: Path, text: str) -> None:
    """Refuse an archive that is small on disk and huge in memory, or larger than the memory.

    Raises:
        SourceError: names both sizes.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return  # told of when it is read
    packed, memory = path.stat().st_size, memory_bytes()
    if size > _MOST_UNPACKED and size > _MOST_RATIO * packed:
        raise SourceError(
            f"{text}: {human_bytes(packed)} that unpack to {human_bytes(size)}; "
            "write it without compression (np.savez) if it is meant"
        )
    if size > memory:
        raise SourceError(
            f"{text}: unpacks to {human_bytes(size)}, this machine has {human_bytes(memory)} of "
            "memory; give the rows by a function (file.py:function) that reads them one at a time"
        )
