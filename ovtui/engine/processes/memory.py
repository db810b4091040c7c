"""Memory given back: pages of a mapped weights file that were read, heap that was freed."""

from __future__ import annotations

import contextlib
import ctypes
from pathlib import Path

_MADV_DONTNEED = 4


class Mapped:
    """A file as this process maps it read-only, wherever it does; nothing where no system tells.

    Whoever keeps one keeps the model that maps the file as well: another mapping may later have
    its addresses, and letting go of that would lose data.
    """

    def __init__(self, path: Path) -> None:
        self._places: list[tuple[int, int]] = []
        target = str(path.resolve())
        with contextlib.suppress(OSError):  # no Linux
            for line in Path("/proc/self/maps").read_text().splitlines():
                place, rights, *_, name = line.split(maxsplit=5)
                if name == target and "w" not in rights:
                    start, end = (int(address, 16) for address in place.split("-"))
                    self._places.append((start, end - start))

    def release(self) -> None:
        """Lets go of its resident pages.

        Their content stays: the next access reads it from the file, or from the system's cache.
        """
        with contextlib.suppress(OSError, AttributeError):  # another C library
            advise = ctypes.CDLL(None).madvise
            for start, size in self._places:
                advise(ctypes.c_void_p(start), ctypes.c_size_t(size), _MADV_DONTNEED)


def release(path: Path) -> None:
    """Lets go of the resident pages of a file that this process maps read-only."""
    Mapped(path).release()


def trim_heap() -> None:
    """Gives back what the C library keeps of freed memory: 7 MB of BERT-base, once compiled."""
    with contextlib.suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
