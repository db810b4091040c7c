"""`ovtui rm`: delete runs."""

from __future__ import annotations

from collections.abc import Sequence

from ovtui.commands.arguments import Parser
from ovtui.commands.output import say
from ovtui.core.runs.run_folder import find, remove


def main(arguments: Sequence[str]) -> int:
    """Deletes runs and what they made."""
    parser = Parser("rm", "Delete runs; one that an engine works on is refused.")
    parser.add_argument("runs", nargs="+", metavar="run", help="id, unique prefix, or last")
    for run in [find(text) for text in parser.parse(arguments).runs]:
        remove(run)
        say(f"deleted {run.id}")
    return 0
