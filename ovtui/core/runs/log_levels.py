"""How grave the lines of a log are: libraries print errors, warnings, tracebacks in many ways."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

Level = Literal["error", "warning", "other"]

_ERROR = re.compile(r"\b(ERROR|CRITICAL|FATAL)\b|^\w*(Error|Exception)\b|^[\w.]+(Error|Exception):")
_WARNING = re.compile(r"\bWARN(ING)?\b|\w*Warning\b")
_TRACEBACK = "Traceback (most recent call last)"


def levels(lines: Iterable[str]) -> list[Level]:
    """Returns the level of each line; a traceback is an error up to what it ends in."""
    levels: list[Level] = []
    in_traceback = False
    for line in lines:
        if _TRACEBACK in line:
            in_traceback = True
            levels.append("error")
        elif in_traceback:
            levels.append("error")
            in_traceback = line.startswith((" ", "\t")) or not line.strip()
        elif _ERROR.search(line):
            levels.append("error")
        else:
            levels.append("warning" if _WARNING.search(line) else "other")
    return levels
