"""What ties a process to the one that started it, and tells how it was ended."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import os
import re
import resource
import signal
import sys
import threading
import time
from pathlib import Path
from typing import NoReturn

from ovtui.core.machine.machine import available_bytes, memory_bytes
from ovtui.core.text.units import human_bytes

_PR_SET_PDEATHSIG = 1
_WATCH_SECONDS = 1.0


def die_with_parent() -> None:
    """Makes the kernel kill this process when its parent dies, whatever a library is doing then.

    A parent that is gone already is noticed by the end of standard input, as on other systems.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def leave_when_deleted(path: Path) -> None:
    """Ends this process, and thus all that it started, when a file of its run is deleted.

    Nobody could be told of what it would still find out.
    """

    def watch() -> None:
        missed = 0
        while missed < 2:  # twice: a file server may forget a file for a moment
            time.sleep(_WATCH_SECONDS)
            try:
                path.lstat()
                missed = 0
            except FileNotFoundError:
                missed += 1
            except OSError:
                continue
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def killed(peak: int, kills_before: int | None) -> str:
    """Returns a death by SIGKILL in words: the memory used, and whether the system ran out of it.

    Args:
        peak: resident bytes of the process at most.
        kills_before: `oom_kills` when it was started.
    """
    used = f"it had used {human_bytes(peak)} of {human_bytes(memory_bytes())}"
    kills = oom_kills()
    if kills_before is not None and kills is not None and kills > kills_before:
        return (
            f"killed by the system for lack of memory; {used}; "
            "close other programs, or use a smaller model or fewer samples"
        )
    free = available_bytes()
    left = f", {human_bytes(free)} are free now" if free is not None else ""
    if kills_before is None or kills is None:
        return f"killed by SIGKILL (from outside, or for lack of memory); {used}{left}"
    return f"killed from outside (the kernel had memory left); {used}{left}"


def oom_kills() -> int | None:
    """Returns how often the kernel killed for lack of memory; None where it does not say."""
    try:
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    except OSError:
        pass
    return None


def peak_rss_bytes() -> int:
    """Returns the largest resident memory of this process so far; ru_maxrss would include the
    parent's.
    """
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        scale = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale
    match = re.search(r"VmHWM:\s*(\d+) kB", status)
    return int(match[1]) * 1024 if match else 0


def leave(status: int) -> NoReturn:
    """Ends this process now: taking torch and OpenVINO down piece by piece takes 0.3 to 0.6 s of
    every stage.
    """
    atexit._run_exitfuncs()  # temporary files, logs
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
