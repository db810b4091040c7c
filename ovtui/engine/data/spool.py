"""Samples on disk: written one after another, read back one at a time.

Memory does not grow with their number: reading uses plain reads, since mapped pages would count
as resident memory.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Collection, Iterator, Sequence
from io import BufferedReader, BufferedWriter
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

Arrays = dict[str, np.ndarray]
"""By name: inputs of a sample, each with a batch axis of one, or outputs of a model."""


class _Slot(msgspec.Struct, frozen=True, array_like=True):
    """Where an array lies in the file."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    offset: int
    size: int


class SpoolWriter:
    """Appends samples; use as a context manager."""

    def __init__(self, folder: Path, name: str) -> None:
        self._data: BufferedWriter = (folder / f"{name}.bin").open("wb")
        self._index: BufferedWriter = (folder / f"{name}.index").open("wb")
        self._offset = 0
        self.count = 0

    def __enter__(self) -> SpoolWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._data.close()
        self._index.close()

    def append(self, arrays: Arrays) -> None:
        """Writes one sample: named arrays of any shapes and dtypes."""
        slots = []
        for name, array in arrays.items():
            raw = np.ascontiguousarray(array)
            self._data.write(raw.data if raw.size else b"")
            slots.append(_Slot(name, raw.dtype.str, array.shape, self._offset, raw.nbytes))
            self._offset += raw.nbytes
        self._index.write(msgspec.json.encode(slots) + b"\n")
        self.count += 1


class Spool:
    """The samples of a spool: has a length, is iterated any number of times, and indexed."""

    def __init__(self, folder: Path, name: str, most: int | None = None) -> None:
        """Opens a spool.

        Args:
            folder: where the spool lies.
            name: its own.
            most: take only so many of its first samples; all when None.
        """
        self._path = folder / f"{name}.bin"
        index = folder / f"{name}.index"
        self._offsets = _line_offsets(index)[:most]
        self._index_path = index
        self._decoder = msgspec.json.Decoder(list[_Slot])

    def __len__(self) -> int:
        return len(self._offsets)

    @functools.cached_property
    def uniform(self) -> bool:
        """All samples have the same names, dtypes and shapes."""
        with self._index_path.open("rb") as index:
            forms = {
                tuple((slot.name, slot.dtype, slot.shape) for slot in self._decoder.decode(line))
                for line in index
            }
        return len(forms) <= 1

    def __iter__(self) -> Iterator[Arrays]:
        with self._path.open("rb") as data, self._index_path.open("rb") as index:
            for line in islice(index, len(self)):
                yield self._read(data, line)

    def __getitem__(self, position: int) -> Arrays:
        with self._path.open("rb") as data, self._index_path.open("rb") as index:
            index.seek(self._offsets[position])
            return self._read(data, index.readline())

    def _read(self, data: BufferedReader, line: bytes) -> Arrays:
        arrays: Arrays = {}
        for slot in self._decoder.decode(line):
            data.seek(slot.offset)
            array: Any = np.empty(slot.shape, dtype=np.dtype(slot.dtype))
            if slot.size:
                data.readinto(memoryview(array).cast("B"))
            arrays[slot.name] = array
        return arrays


class Groups:
    """A spool's samples in groups, such as the calls of the model that one row takes."""

    def __init__(self, spool: Spool, sizes: Sequence[int], left_out: Collection[int] = ()) -> None:
        """Groups a spool.

        Args:
            spool: the samples, one after another.
            sizes: how many there are in each group.
            left_out: numbers of the groups that do not count, as if they were not there.
        """
        self._spool = spool
        self._sizes = sizes
        self._starts = [0, *accumulate(sizes)]
        self._kept = [number for number in range(len(sizes)) if number not in left_out]

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[list[Arrays]]:
        samples, kept = iter(self._spool), set(self._kept)
        for number, size in enumerate(self._sizes):
            group = list(islice(samples, size))
            if number in kept:
                yield group

    def __getitem__(self, position: int) -> list[Arrays]:
        number = self._kept[position]
        start = self._starts[number]
        return [self._spool[start + each] for each in range(self._sizes[number])]


def digest(*samples: Arrays) -> bytes:
    """Returns what equal samples, or groups of them, have in common, and different ones have
    not.
    """
    state = hashlib.blake2b(digest_size=16)
    for arrays in samples:
        for name in sorted(arrays):
            array = np.ascontiguousarray(arrays[name])
            state.update(f"{name}{array.dtype.str}{array.shape}".encode())
            state.update(array.data if array.size else b"")
    return state.digest()


def _line_offsets(path: Path) -> list[int]:
    offsets, offset = [], 0
    with path.open("rb") as file:
        for line in file:
            offsets.append(offset)
            offset += len(line)
    return offsets
