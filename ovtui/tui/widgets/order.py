"""The order of a list by one of its columns: numbers by value, with their units, before words."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"[^\w+-]*([+-]?\d+(?:\.\d+)?)\s*([KMGT]i)?B?(?!\w)")
_UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
MOST = 1000
"""A longer list is not sorted: every row would have to be read."""

Rank = tuple[int, float, str]


def rank(cell: str) -> Rank:
    """Returns where a cell belongs: numbers, then words, then what is empty."""
    text = cell.strip()
    if text in ("", "–"):
        return 2, 0.0, ""
    if match := _NUMBER.match(text):
        return 0, float(match[1]) * _UNITS.get(match[2] or "", 1), text.casefold()
    return 1, 0.0, text.casefold()


def is_empty(rank: Rank) -> bool:
    """Returns whether a cell has nothing in it."""
    return rank[0] == 2
