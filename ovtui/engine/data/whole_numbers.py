"""OpenVINO's element types of whole numbers: which values they hold, and what a person is told.

Knows no numpy: the process that leads a run checks by them, and loads no library that works.
"""

from __future__ import annotations

BOOLEAN = "boolean"
INTEGERS = tuple(f"{sign}{bits}" for sign in "iu" for bits in (8, 16, 32, 64))
OWN_SCALE = (
    "the model seems to scale pixels itself: give [data.preprocessing] with scale = 1, "
    "without mean and std"
)
"""Advice where the pixels of a picture are no whole numbers, and an input takes only those."""
_MOST_NAMED = 2**16
"""Limits beyond which nobody looks for the reason."""


def limits_of(kind: str) -> tuple[int, int] | None:
    """Returns the least and the largest value of an element type of whole numbers; None of any
    other.
    """
    if kind == BOOLEAN:
        return 0, 1
    if kind not in INTEGERS:
        return None
    bits = int(kind[1:])
    return (0, 2**bits - 1) if kind[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def in_words(kind: str) -> str:
    """Returns what values an element type has, as a person is told."""
    limits = limits_of(kind)
    if limits is None:
        return kind
    ends = f" from {limits[0]} to {limits[1]}" if limits[1] < _MOST_NAMED else ""
    return f"whole numbers{ends} ({kind})"
