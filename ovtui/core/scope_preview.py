"""Asks an engine process what the ignored scopes of a recipe match."""

from __future__ import annotations

from ovtui.core.ask_engine import Answer, ask_engine
from ovtui.core.ignored import ScopePreview
from ovtui.core.runs import Request


class _Answer(Answer):
    scopes: list[ScopePreview] = []


def scope_preview(request: Request) -> list[ScopePreview]:
    """What every ignored scope matches; the model is converted first where that was never done.

    Raises:
        UserError: it cannot be told, and why.
    """
    return ask_engine("preview", request, _Answer).scopes
