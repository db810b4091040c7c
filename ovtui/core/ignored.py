"""A rule of an ignored scope, and what it finds in a model."""

from __future__ import annotations

import msgspec


class Rule(msgspec.Struct, frozen=True):
    """A name, pattern, type or subgraph, with the operations that it finds."""

    kind: str
    text: str
    matches: list[str] = []
    hint: str = ""
    """Where it finds none: names that may have been meant."""


class ScopePreview(msgspec.Struct, frozen=True):
    """The rules of one variant's component."""

    variant: str
    component: str
    rules: list[Rule]
