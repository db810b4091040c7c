"""Who holds a lock of the machine, as the kernel tells everybody: user, run and since when."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

_RUN = re.compile(rb"/runs/([^/\0]+)")
"""In the command line of an engine and of all its processes."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock; empty where this machine does not tell."""

    user: str = ""
    run: str = ""
    since: float | None = None
    """Seconds since the epoch."""
    own: bool = False
    """This user's own run."""
    lock: str = ""
    """The file that is held."""


def holder_of(path: Path) -> Holder | None:
    """Returns who holds the `flock` of a file, which need not be readable; None where nobody
    does.
    """
    try:
        status = path.stat()
    except OSError:
        return None
    for pid in _holders(status.st_ino):
        try:
            user = Path(f"/proc/{pid}").stat().st_uid
        except OSError:
            continue
        own = user == os.geteuid()
        return Holder(_name(user), _run_of(pid), status.st_mtime, own, str(path))
    return None


def _holders(inode: int) -> list[int]:
    """Processes with an exclusive `flock` of a file, from /proc/locks (see proc_locks(5))."""
    holders = []
    with contextlib.suppress(OSError):
        for line in Path("/proc/locks").read_text().splitlines():
            match line.split():
                case [_, "FLOCK", _, "WRITE", pid, place, *_] if place.endswith(f":{inode}"):
                    holders.append(int(pid))
    return holders


def _name(user: int) -> str:
    import pwd  # Windows has none

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def _run_of(pid: int) -> str:
    with contextlib.suppress(OSError):
        match = _RUN.search(Path(f"/proc/{pid}/cmdline").read_bytes())
        return match[1].decode("utf-8", "replace") if match else ""
    return ""
