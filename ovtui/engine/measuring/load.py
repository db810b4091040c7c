"""The load of other processes while something is measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import psutil

BUSY_SHARE = 0.05
"""A warning is due when other processes used more of the machine than this."""


class CpuTimes(NamedTuple):
    """Processor seconds since boot: of all cores, busy ones, and those of given processes."""

    total: float
    busy: float
    own: float


def cpu_times(pids: Sequence[int]) -> CpuTimes:
    """Returns the processor seconds of the machine now, and of this process with the given ones."""
    fields = psutil.cpu_times()._asdict()
    # Linux counts guests within user and nice.
    spent = {key: value for key, value in fields.items() if not key.startswith("guest")}
    idle = spent.get("idle", 0.0) + spent.get("iowait", 0.0)
    own = 0.0
    for process in (psutil.Process(), *map(psutil.Process, pids)):
        used = process.cpu_times()
        own += used.user + used.system
    total = math.fsum(spent.values())
    return CpuTimes(total, total - idle, own)


def load_of_others(before: CpuTimes, after: CpuTimes) -> float:
    """Returns the cores that processes other than those of the two snapshots used between them."""
    total = after.total - before.total
    if total <= 0:
        return 0.0
    others = (after.busy - before.busy) - (after.own - before.own)
    return min(1.0, max(0.0, others / total)) * (psutil.cpu_count() or 1)


def load_warning(others_cores: float) -> str | None:
    """Returns a warning of the load of other processes; None where it was small."""
    cores = psutil.cpu_count() or 1
    if others_cores < BUSY_SHARE * cores:
        return None
    return f"other processes used {others_cores:.1f} of {cores} cores while measuring"
