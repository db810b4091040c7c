"""Rules of an ignored scope, and what they match, as an engine process tells."""

from __future__ import annotations

from typing import Literal

import msgspec

from ovtui.core.asking.ask_engine import Answer, ask_engine
from ovtui.core.runs.run_request import Request


class Rule(msgspec.Struct, frozen=True):
    """A name, pattern, type or subgraph, with the operations that it finds."""

    kind: Literal["name", "pattern", "type", "subgraph"]
    text: str
    matches: list[str] = []
    hint: str = ""
    """Where it finds none: names that may have been meant."""


class ScopePreview(msgspec.Struct, frozen=True):
    """The rules of one variant's component."""

    variant: str
    component: str
    rules: list[Rule]


class ScopePreviews(Answer):
    """Of every variant's component that has an ignored scope."""

    scopes: list[ScopePreview] = []


def scope_preview(request: Request) -> list[ScopePreview]:
    """Returns what every ignored scope matches; the model is converted first where that was never
    done.

    Raises:
        UserError: it cannot be told, and why.
    """
    return ask_engine("preview", request, ScopePreviews).scopes
