"""This machine as lines: what it has, how much of it is free, what may run on it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from ovtui.core.home import directories
from ovtui.core.machine.devices import Device
from ovtui.core.machine.machine import available_bytes, machine
from ovtui.core.text.units import human_bytes
from ovtui.tui.charts import share_bar
from ovtui.tui.text import WARN, line, wrapped

_LABEL = 10
_BAR = 16
_FULL = 0.9
"""Beyond this share something is nearly used up."""


def page(devices: Sequence[Device], cache_bytes: int | None, asks: str, width: int) -> list[Text]:
    """Returns processor, memory, disk, cache and devices.

    Args:
        devices: as OpenVINO listed them last.
        cache_bytes: of the cache's files; None while they are counted.
        asks: what has OpenVINO list them, in words.
        width: in cells.
    """
    this = machine()
    isa = f"  {', '.join(this.isa)}" if this.isa else ""
    lines = wrapped(f"{this.cpu}, {this.cores} cores{isa}", width, lead=_lead("processor"))
    if free := available_bytes():
        lines.append(_used("memory", this.memory_bytes - free, this.memory_bytes))
    if disk := _disk():
        lines.append(_used("disk", disk[0] - disk[1], disk[0]))
    cache = "…" if cache_bytes is None else human_bytes(cache_bytes)
    lines += wrapped(f"{cache} in {directories.home() / 'cache'}", width, lead=_lead("cache"))
    names = ", ".join(f"{device.name} ({device.full_name})" for device in devices) or asks
    return [*lines, *wrapped(names, width, lead=_lead("devices"))]


def folder_bytes(folder: Path) -> int:
    """Returns the bytes of all files below a folder; those that go meanwhile do not count."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(f"{path}/{name}").st_size
            except OSError:
                continue
    return total


def _lead(label: str) -> str:
    return f"{label:<{_LABEL}}"


def _used(label: str, used: int, total: int) -> Text:
    share = used / total if total else 0.0
    free = f" {human_bytes(total - used)} of {human_bytes(total)} free"
    style = WARN if share > _FULL else ""
    return line(_lead(label), share_bar(share, _BAR), (free, style))


def _disk() -> tuple[int, int] | None:
    """All and free bytes of the disk with the home folder."""
    place = directories.home()
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        usage = shutil.disk_usage(place)
    except OSError:
        return None
    return usage.total, usage.free
