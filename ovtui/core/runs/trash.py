"""Runs that were deleted, kept aside until who deleted them leaves: a slip can be taken back."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ovtui.core.home import directories
from ovtui.core.runs.run_folder import Run, check_removable
from ovtui.core.text.errors import UserError, reason


def discard(run: Run) -> None:
    """Moves a run out of the list.

    Raises:
        UserError: an engine works on it, or its folder cannot be moved.
    """
    check_removable(run)
    try:
        _own().mkdir(mode=0o700, parents=True, exist_ok=True)
        run.folder.rename(_own() / run.id)
    except OSError as error:
        raise UserError(f"{run.folder}: cannot be removed: {reason(error)}") from error


def restore(id: str) -> None:
    """Puts a run back into the list.

    Raises:
        UserError: it is not there any more, or a run of this id has come since.
    """
    place = directories.home() / "runs" / id
    if place.exists():
        raise UserError(f"{id}: there is a run of this id again")
    try:
        (_own() / id).rename(place)
    except OSError as error:
        raise UserError(f"{id}: cannot be brought back: {reason(error)}") from error


def empty() -> None:
    """Deletes what this process has discarded, and what others left that have ended since."""
    try:
        folders = list((directories.home() / "trash").iterdir())
    except OSError:
        return
    for folder in folders:
        if folder == _own() or not _is_alive(folder.name):
            shutil.rmtree(folder, ignore_errors=True)


def _own() -> Path:
    """The folder of this process: another dashboard may take back what it has deleted itself."""
    return directories.home() / "trash" / str(os.getpid())


def _is_alive(pid: str) -> bool:
    if not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        pass  # another user's
    return True
