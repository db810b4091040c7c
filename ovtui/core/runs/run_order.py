"""The order of run folders: by the time in their names, whatever clocks and zones do."""

from __future__ import annotations

import contextlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

_STAMP = "%Y%m%d-%H%M%S"
_STAMP_LENGTH = len("20250131-235959")
_WRONG_CLOCK = timedelta(days=1)
"""A run dated further in the future was made while a clock was wrong."""


def next_stamp(parent: Path) -> str:
    """UTC to the second, and later than every other run's: a clock may have been set back."""
    now = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
    newest = ""
    with contextlib.suppress(OSError):
        names = [entry.name for entry in os.scandir(parent)]
        newest = max(map(stamp_order, names), default="")[:_STAMP_LENGTH]
    try:
        after = datetime.strptime(newest, _STAMP) + timedelta(seconds=1)
    except (ValueError, OverflowError):
        return now.strftime(_STAMP)
    return max(now, after).strftime(_STAMP)


def stamp_order(name: str) -> str:
    """Orders names of run folders by time; those of the far future, and no stamps, come first."""
    limit = (datetime.now(UTC) + _WRONG_CLOCK).strftime(_STAMP)
    known = name[:1].isdecimal() and name[:_STAMP_LENGTH] <= limit
    return name if known else ""


def age_order(folder: Path) -> tuple[str, int, str]:
    """Orders run folders from the oldest to the newest, also those of the same second."""
    try:
        made = (folder / "run.json").stat().st_mtime_ns
    except OSError:
        made = 0
    return stamp_order(folder.name)[:_STAMP_LENGTH], made, folder.name
