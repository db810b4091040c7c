"""What a data set's first rows tell: its splits, and what each column holds."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal[
    "picture", "audio", "text", "name", "class", "number", "array", "texts", "objects", "other"
]
"""A `name` is one of few texts, a `class` one of few whole numbers, `texts` a list of them.
`objects` are boxes in a picture: `{"bbox": [[x, y, width, height], …], "category": […]}`."""


class DataColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column, as rows from all of the data tell."""

    name: str
    kind: Kind
    example: str = ""
    """The first value, in words."""
    shape: list[int] = []
    """Of the first row's array; empty for a single number."""
    values: list[str] = []
    """Of names and classes: all that were seen, sorted; where the data set itself lists its
    classes, these in its order."""
    listed: bool = False
    """The data set lists its classes, so that their order means something."""
    lowest: float | None = None
    highest: float | None = None
    deviation: float | None = None
    """Standard deviation of numbers."""
    missing: float = 0
    """Share of the rows that have nothing in it."""
    in_order: bool = False
    """Rows are sorted by it: a slice lacks some of its values."""


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """A split as a recipe names it."""

    name: str
    rows: int


class DataFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A data set, as its first rows tell of it."""

    source: str
    """As a recipe names it."""
    splits: list[Split]
    columns: list[DataColumn]
    """Of the split that is evaluated."""
    evaluated: str
    """The split that columns were looked at in."""
