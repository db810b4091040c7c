"""The words of `--set KEY=VALUE`: steps of a key, quoted where a name has dots."""

from __future__ import annotations

import json
import re

_STEP = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^.=\s"'][^.=]*?))\s*([.=])""")
_BARE = re.compile(r"[A-Za-z0-9_+-]+(?: [A-Za-z0-9_+-]+)*")


def split(text: str) -> tuple[list[str], str] | None:
    """Returns the steps of the key, and the value; None where it is not `KEY=VALUE`.

    As in TOML, a step that has dots is quoted: `variants."int8 v1.5".execution.X=1`.
    """
    steps: list[str] = []
    at = 0
    while match := _STEP.match(text, at):
        quoted, literal, bare, end = match.groups()
        try:
            steps.append(json.loads(f'"{quoted}"') if quoted is not None else literal or bare or "")
        except json.JSONDecodeError:
            return None
        at = match.end()
        if end == "=":
            return steps, text[at:].strip()
    return None


def step(name: str) -> str:
    """Returns a name as a step of a key."""
    return name if _BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)
