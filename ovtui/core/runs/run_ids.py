"""Ids of runs, which are their folders' names: made, told apart and put in order.

As in `20250131-235959-digits-ab12`: the time in UTC, what the request is named after, and four
hexadecimal digits at random, which are the short id.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

_STAMP = "%Y%m%d-%H%M%S"
_STAMP_LENGTH = len("20250131-235959")
_SHORT_LENGTH = len("ab12")
_MOST_OF_A_NAME = 40
NO_STAMP = "0" * _STAMP_LENGTH
"""Sorts before every time."""
_WRONG_CLOCK = timedelta(days=1)
"""A run dated further in the future was made while a clock was wrong."""


def new_id(name: str, parent: Path) -> str:
    """Makes an id that no other run has.

    Args:
        name: what the request is named after, such as its recipe.
        parent: the folder of all runs.
    """
    return f"{_next_stamp(parent)}-{_slug(name)}-{secrets.token_hex(_SHORT_LENGTH // 2)}"


def short_id(id: str) -> str:
    """Gives the end of an id, by which a person tells runs of one recipe apart."""
    return id.rpartition("-")[2]


def is_named_after(id: str, name: str) -> bool:
    """Tells whether a run's request has this name, as far as its id can say."""
    return id[_STAMP_LENGTH + 1 : -_SHORT_LENGTH - 1] == _slug(name)


def is_meant(id: str, text: str) -> bool:
    """Tells whether a person may mean this run: by the beginning of its id, or by its short id."""
    return id.startswith(text) or id.endswith(f"-{text}")


def _slug(name: str) -> str:
    """What a folder's name takes of it: letters, digits, dots, hyphens, underscores."""
    return (re.sub(r"[^\w.-]+", "-", name).strip("-.") or "run")[:_MOST_OF_A_NAME]


def _next_stamp(parent: Path) -> str:
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
