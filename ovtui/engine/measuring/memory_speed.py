"""What the memory of this machine does: measured once, and kept in the home folder."""

from __future__ import annotations

import ctypes
import mmap
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import msgspec

from ovtui.core.files.reading import Damaged, read_json
from ovtui.core.files.writing import write_atomically
from ovtui.core.home import directories
from ovtui.core.machine.machine import available_bytes, cores, machine
from ovtui.core.machine.turns import measurement_lock
from ovtui.core.results.operations import Memory

FILE = "memory_speed.json"
_CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
_USUAL_CACHE = 32 * 2**20
"""Where the system does not tell of its caches."""
_SECONDS = 0.2
_LARGEST = 512 * 2**20
"""Bytes that are copied at once, at most: as many again are written."""


class _Kept(msgspec.Struct, frozen=True):
    """What was measured, and on which machine: a home may be shared by several."""

    cpu: str
    cores: int
    memory: Memory


def memory_speed() -> Memory | None:
    """Returns what the memory does; to measure it takes half a second, while nothing else is.

    Returns:
        None where there is not enough memory free to measure it.
    """
    path = directories.home() / FILE
    here = machine()
    with suppress(OSError, Damaged):
        kept = read_json(path, _Kept)
        if (kept.cpu, kept.cores) == (here.cpu, here.cores):
            return kept.memory
    with measurement_lock():
        memory = measured()
    if memory is not None:
        with suppress(OSError):  # a full disk: it is measured again next time
            kept = _Kept(here.cpu, here.cores, memory)
            write_atomically(path, msgspec.json.encode(kept))
    return memory


def measured(seconds: float = _SECONDS) -> Memory | None:
    """Measures copies by every core, of four times as much as the last cache holds.

    As STREAM's Copy does, bytes read and bytes written both count (McCalpin 1995), and the best
    of several copies is taken: what slows one down is other work.

    Args:
        seconds: for how long.

    Returns:
        None where there is not enough memory free.
    """
    cache, workers = last_cache(), cores()
    size = min(4 * cache, _LARGEST) // workers // mmap.PAGESIZE * mmap.PAGESIZE
    free = available_bytes()
    if not size or (free is not None and 4 * size * workers > free):
        return None
    copies = [_copy(size) for _ in range(workers)]
    best = 0.0
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda copy: copy(), copies))  # the first touch of each page
        until = time.perf_counter() + seconds
        while not best or time.perf_counter() < until:
            began = time.perf_counter()
            list(pool.map(lambda copy: copy(), copies))
            best = max(best, 2 * size * workers / (time.perf_counter() - began))
    return Memory(bytes_per_second=best, cache_bytes=cache)


def _copy(size: int) -> Callable[[], None]:
    """A copy of so many bytes; it lets other threads run meanwhile, as foreign functions do."""
    source, target = mmap.mmap(-1, size), mmap.mmap(-1, size)
    source.write(b"\1" * size)  # pages that nobody wrote to are all the same one
    begins = [ctypes.c_char.from_buffer(it) for it in (target, source)]

    def copy() -> None:
        ctypes.memmove(ctypes.byref(begins[0]), ctypes.byref(begins[1]), size)

    return copy


def last_cache() -> int:
    """Returns the bytes of the processor's largest cache, which all cores share or each has."""
    sizes = [_USUAL_CACHE] if not _CACHES.is_dir() else []
    for path in _CACHES.glob("index*/size"):
        with suppress(OSError, ValueError):
            text = path.read_text().strip()
            unit = {"K": 2**10, "M": 2**20, "G": 2**30}.get(text[-1:], 1)
            sizes.append(int(text.rstrip("KMG")) * unit)
    return max(sizes, default=_USUAL_CACHE)
