"""Which machine this is, read from the operating system, and which libraries it has."""

from __future__ import annotations

import functools
import os
import platform
from importlib import metadata
from pathlib import Path

from ovtui import __version__
from ovtui.core.results.result import Machine

# The vector extensions that decide how fast, and how exactly, INT8 and bf16 run.
_ISA = {
    "avx2": "avx2",
    "avx512f": "avx512f",
    "avx512_vnni": "avx512_vnni",
    "avx_vnni": "avx_vnni",
    "avx512_bf16": "avx512_bf16",
    "avx512_fp16": "avx512_fp16",
    "amx_int8": "amx_int8",
    "amx_bf16": "amx_bf16",
    "asimd": "neon",
    "asimddp": "dotprod",
    "i8mm": "i8mm",
    "sve": "sve",
}


_PACKAGES = ("openvino", "nncf", "torch", "transformers", "datasets", "evaluate")


@functools.cache
def machine() -> Machine:
    """Returns the machine that this process runs on."""
    info = _cpuinfo()
    flags = set((info.get("flags") or info.get("Features") or "").split())
    return Machine(
        host=platform.node(),
        cpu=info.get("model name") or platform.processor() or platform.machine(),
        isa=[name for flag, name in _ISA.items() if flag in flags],
        cores=cores(),
        memory_bytes=memory_bytes(),
        os=f"{platform.system()} {platform.release()}",
    )


def cores() -> int:
    """Returns how many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def memory_bytes() -> int:
    """Returns the bytes of physical memory, or the limit of this process's control group where that
    is less.
    """
    try:
        physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 0
    limits = [physical]
    for file in _limit_files():
        try:
            limits.append(int(file.read_text()))
        except (OSError, ValueError):
            continue
    return min(limits)


def _limit_files(root: Path = Path("/sys/fs/cgroup"), process: str = "/proc/self") -> list[Path]:
    """Files with limits of memory: of this process's control group and of those above it."""
    files = [root / "memory.max", root / "memory" / "memory.limit_in_bytes"]
    try:
        lines = Path(process, "cgroup").read_text().splitlines()
    except OSError:
        return files
    for line in lines:
        number, _, path = line.partition("::")
        if number == "0" and ".." not in path:
            place = root / path.lstrip("/")
            files += [it / "memory.max" for it in (place, *place.parents) if root in it.parents]
    return files


def available_bytes() -> int | None:
    """Returns the bytes of memory that can be had without swapping; None where the system does not
    say.
    """
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


def _cpuinfo() -> dict[str, str]:
    """The first processor's lines of `/proc/cpuinfo`."""
    try:
        text = Path("/proc/cpuinfo").read_text(errors="replace")
    except OSError:
        return {}
    pairs = (line.partition(":") for line in text.split("\n\n")[0].splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}


def all_versions() -> dict[str, str]:
    """Reads the versions of all that a result may depend on, without importing any of it."""
    return versions(*_PACKAGES) | {"python": platform.python_version()}


def versions(*packages: str) -> dict[str, str]:
    """Reads the versions of ovtui and of installed packages, without importing them.

    Args:
        packages: names as in `pip install`; each missing one has the version `missing`.
    """
    installed = {"ovtui": __version__}
    for package in packages:
        try:
            installed[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            installed[package] = "missing"
    return installed
