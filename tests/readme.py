"""`python -m tests.readme`: writes the table of keys into the README, from `ovtui/tui/keys.py`."""

from __future__ import annotations

import re
from pathlib import Path

from ovtui.tui import keys

README = Path(__file__).parents[1] / "README.md"


def main() -> None:
    """Puts the table in the place of the one that is there."""
    table, text = keys.markdown(), README.read_text(encoding="utf-8")
    start = re.escape(table.split("\n", 1)[0])
    README.write_text(re.sub(rf"{start}(\n\|.*)*", lambda _: table, text), encoding="utf-8")


if __name__ == "__main__":
    main()
