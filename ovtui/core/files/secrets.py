"""Secrets of the environment, which nothing that is kept may hold."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

from ovtui.core.text.errors import UserError

_NAMES = ("TOKEN", "SECRET", "PASSWORD", "PASSWD", "API_KEY", "ACCESS_KEY", "CREDENTIAL")
_SHORTEST = 8
"""Shorter values are switches, as of TOKENIZERS_PARALLELISM."""


def check_no_secrets(document: bytes) -> None:
    """Refuses to keep a JSON document that holds the value of a variable such as `HF_TOKEN`.

    Raises:
        UserError: names the variable, not its value.
    """
    for name, value in _secrets():
        if json.dumps(value, ensure_ascii=False)[1:-1].encode("utf-8", "replace") in document:
            raise UserError(
                f"the value of {name} is among the settings, and run.json would keep it; "
                f"leave it out: what needs {name} reads it from the environment"
            )


def _secrets() -> Iterator[tuple[str, str]]:
    for name, value in os.environ.items():
        if len(value) >= _SHORTEST and any(word in name.upper() for word in _NAMES):
            yield name, value
