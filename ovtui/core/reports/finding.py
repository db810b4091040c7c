"""One line of what was found."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """One line of what was found of a variant."""

    label: str
    text: str
