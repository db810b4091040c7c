"""Standard output carries data, standard error carries words."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from ovtui.core.result import Result


_WIDEST = 120
_IN_A_PIPE = 400


def say(words: str) -> None:
    """A line for the person."""
    print(words, file=sys.stderr, flush=True)


def print_json(document: Any) -> None:
    """One JSON document."""
    print(msgspec.json.format(msgspec.json.encode(document), indent=1).decode())


def print_result(result: Result) -> None:
    """What a run found out, as text."""
    from ovtui.core.reports.summary import summary  # lists do not need it

    print(summary(result, width(), colour=in_colour()))


def width() -> int:
    """Cells of a line of output."""
    return min(_WIDEST, shutil.get_terminal_size((80, 24)).columns)


def list_width() -> int:
    """Cells of a line of a list: a pipe has room for whole names, which a script may want."""
    return width() if sys.stdout.isatty() or "COLUMNS" in os.environ else _IN_A_PIPE


def in_colour() -> bool:
    """Standard output is a terminal that may have colours."""
    return (
        sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )
