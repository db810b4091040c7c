"""What a run takes of the machine, written once a second: memory, and cores that it keeps busy."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import psutil

from ovtui.core.runs import events
from ovtui.engine.store.progress import Journal

_SECONDS = 1.0
_NOTABLE_MEMORY = 0.05
"""Relative change that is written."""
_NOTABLE_CORES = 0.25


class ResourceWatch:
    """Writes what this process and its children take, at most once a second."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._looked = 0.0
        self._peak = 0
        self._written = events.MemoryUsed(time=0.0, now=0, peak=0, cores=0.0)
        self._seconds: dict[int, float] = {}

    def look(self) -> None:
        """Writes an event where memory changed by a twentieth, or a quarter of a core."""
        passed = time.monotonic() - self._looked
        if passed < _SECONDS:
            return
        began = not self._looked
        self._looked = time.monotonic()
        now = resident_bytes()
        self._peak = max(self._peak, now)
        cores = None if began else self._busy_seconds() / passed
        used = events.MemoryUsed(time=time.time(), now=now, peak=self._peak, cores=cores)
        if began:
            self._busy_seconds()  # what was worked before is not of this stage
        if _is_notable(self._written, used):
            self._written = used
            self._journal.write(used)

    def _busy_seconds(self) -> float:
        """Return the processor time since the call before, of the processes that are there."""
        before, self._seconds = self._seconds, dict(_processor_seconds())
        return sum(
            max(0.0, seconds - before.get(pid, 0.0)) for pid, seconds in self._seconds.items()
        )


def _is_notable(before: events.MemoryUsed, after: events.MemoryUsed) -> bool:
    if abs(after.now - before.now) > before.now * _NOTABLE_MEMORY:
        return True
    return abs((after.cores or 0.0) - (before.cores or 0.0)) > _NOTABLE_CORES


def resident_bytes() -> int:
    """Returns the memory of this process and all below it; pages that several share count once."""
    total = 0
    for process in _processes():
        with contextlib.suppress(psutil.Error):
            memory = process.memory_full_info()
            total += getattr(memory, "pss", memory.rss)
    return total


def _processor_seconds() -> Iterator[tuple[int, float]]:
    """Processor time by process id: of its own threads, not of children that have ended."""
    for process in _processes():
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            yield process.pid, times.user + times.system


def _processes() -> list[psutil.Process]:
    this = psutil.Process()
    return [this, *this.children(recursive=True)]
