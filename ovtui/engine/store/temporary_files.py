"""What engines that were killed left in the home, removed by the next one that starts."""

from __future__ import annotations

import contextlib
import shutil
import time
from itertools import islice
from pathlib import Path

from ovtui.core.home import directories
from ovtui.core.runs import run_folder

_NEWEST = 500
_HOUR = 3600.0
_IN_RUNS = (".reserve", ".result.json.*", ".run.json.*")
_IN_HOME = (".probe-*", ".devices.json.*", ".key.*", "cache/.digests.json.*")


def remove_leftovers() -> None:
    """Removes temporary files that nobody will rename any more."""
    for run in islice(run_folder.every(), _NEWEST):
        leftovers = [path for pattern in _IN_RUNS for path in run.folder.glob(pattern)]
        if leftovers and not run.state().alive:
            _remove(leftovers)
    home = directories.home()
    for folder in home.glob("runs/.*"):  # a run was killed before it had its name
        if _age(folder) > _HOUR:
            shutil.rmtree(folder, ignore_errors=True)
    leftovers = [path for pattern in _IN_HOME for path in home.glob(pattern)]
    _remove([path for path in leftovers if _age(path) > _HOUR])


def _age(path: Path) -> float:
    try:
        return time.time() - path.lstat().st_mtime
    except OSError:
        return 0.0


def _remove(paths: list[Path]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink()
