"""OpenVINO's devices: read by a short-lived process, shown from a cache at once."""

from __future__ import annotations

import re
import subprocess
import sys

import msgspec

from ovtui.core.files.reading import Damaged, read_json
from ovtui.core.files.writing import write_atomically
from ovtui.core.home import directories
from ovtui.core.text.errors import UserError, last_line, nearest

_PATIENCE_SECONDS = 60

VIRTUAL = ("AUTO", "MULTI", "HETERO", "BATCH")
"""Devices of OpenVINO that infer on others."""


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A device that models can be compiled for."""

    name: str
    full_name: str
    capabilities: list[str] = []
    """Precisions that it optimises for, as in `INT8`, `BF16`."""
    default_precision: str = ""
    memory_bytes: int = 0
    isa: list[str] = []


def read() -> list[Device]:
    """Asks OpenVINO now, and keeps the answer.

    Raises:
        UserError: OpenVINO cannot be asked.
    """
    try:
        answer = subprocess.run(
            [sys.executable, "-P", "-m", "ovtui.engine.ask.devices"],
            capture_output=True,
            timeout=_PATIENCE_SECONDS,
            check=True,
        ).stdout
        devices = msgspec.json.decode(answer, type=list[Device])
    except subprocess.CalledProcessError as error:
        why = last_line(error.stderr) or error
        raise UserError(f"OpenVINO's devices cannot be read: {why}") from error
    except (subprocess.TimeoutExpired, OSError, msgspec.DecodeError) as error:
        raise UserError(f"OpenVINO's devices cannot be read: {error}") from error
    cache = directories.writable_home() / "devices.json"
    write_atomically(cache, msgspec.json.encode(devices))
    return devices


def cached() -> list[Device]:
    """Returns the devices that were read last; none where that never was."""
    try:
        return read_json(directories.home() / "devices.json", list[Device])
    except (OSError, Damaged):
        return []


def family(name: str) -> str:
    """Returns the kind of a device, as `GPU` of `GPU.1` and `BATCH` of `BATCH:GPU(4)`."""
    return re.split(r"[.:(]", name)[0]


def check(name: str) -> None:
    """Refuses a device that does not exist.

    `CPU` and devices of devices, as in `AUTO:GPU,CPU`, are judged by OpenVINO itself.

    Raises:
        UserError: there is no such device; names those that there are.
    """
    if name == "CPU" or name in [device.name for device in cached()]:
        return
    known = [device.name for device in read()]
    if name in known or (family(name) in VIRTUAL and ":" in name):
        return
    raise UserError(f"device {name!r}: not on this machine, {nearest(name, known)}")
