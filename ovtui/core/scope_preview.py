"""Asks an engine process what the ignored scopes of a recipe match."""

from __future__ import annotations

import subprocess
import sys

import msgspec

from ovtui.core.errors import UserError
from ovtui.core.ignored import ScopePreview
from ovtui.core.runs import Request


class _Answer(msgspec.Struct):
    scopes: list[ScopePreview] = []
    error: str | None = None


def scope_preview(request: Request) -> list[ScopePreview]:
    """What every ignored scope matches; the model is converted first where that was never done.

    Raises:
        UserError: it cannot be told, and why.
    """
    done = subprocess.run(
        [sys.executable, "-P", "-m", "ovtui.engine.preview"],
        input=msgspec.json.encode(request),
        capture_output=True,
        check=False,
    )
    try:
        answer = msgspec.json.decode(done.stdout, type=_Answer)
    except msgspec.DecodeError:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise UserError(f"the preview failed: {lines[-1] if lines else done.returncode}") from None
    if answer.error:
        raise UserError(answer.error)
    return answer.scopes
