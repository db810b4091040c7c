"""`ovtui watch`: follow a run, also one that another terminal started."""

from __future__ import annotations

from collections.abc import Sequence

from ovtui.commands.arguments import Parser
from ovtui.commands.follow import follow
from ovtui.core.runs.run_folder import find


def main(arguments: Sequence[str]) -> int:
    """Follows a run to its end."""
    parser = Parser("watch", "Follow a run; Ctrl-C ends the watching, not the run.")
    parser.add_argument("run", nargs="?", default="last", help="id, unique prefix, or last")
    parser.add_json("print result.json at the end")
    options = parser.parse(arguments)
    return follow(find(options.run), as_json=options.json, cancel_on_interrupt=False)
