"""The order of a list by one of its columns: numbers by value, with their units, before words."""

from __future__ import annotations

import re

from ovtui.core.text.units import quantity

_BEFORE = re.compile(r"[^\w+-]*")
"""Signs before a number."""
MOST = 1000
"""A longer list is not sorted: every row would have to be read."""

Rank = tuple[int, float, str]


def rank(cell: str) -> Rank:
    """Returns where a cell belongs: numbers, then words, then what is empty."""
    text = cell.strip()
    if text in ("", "–"):
        return 2, 0.0, ""
    value = quantity(_BEFORE.sub("", text, count=1), whole=False)
    if value is not None:
        return 0, value, text.casefold()
    return 1, 0.0, text.casefold()


def is_empty(rank: Rank) -> bool:
    """Returns whether a cell has nothing in it."""
    return rank[0] == 2
