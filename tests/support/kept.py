"""Texts that are compared with kept files, whose changes are reviewed."""

from __future__ import annotations

import os
from pathlib import Path


def compare(found: str, path: Path) -> None:
    """Compares a text with a kept file, line by line.

    `OVTUI_SNAPSHOTS=write python -m pytest FILE` writes the files of a test file anew.
    """
    if os.environ.get("OVTUI_SNAPSHOTS") == "write":
        path.write_text(found, encoding="utf-8")
    kept = path.read_text(encoding="utf-8").split("\n")
    assert found.split("\n") == kept, f"{path.name} differs"
