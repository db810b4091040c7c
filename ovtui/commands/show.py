"""`ovtui show`: one run."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ovtui.commands.arguments import Parser
from ovtui.commands.follow import ending
from ovtui.commands.output import print_json, print_result
from ovtui.core.runs import Run, State, find
from ovtui.core.text import plain


def main(arguments: Sequence[str]) -> int:
    """Show what a run found out, or what it is doing."""
    parser = Parser("show", "Show a run: its result, or where it stands.")
    parser.add_argument(
        "run", nargs="?", default="last", help="id, unique prefix, last, or a folder"
    )
    parser.add_json()
    options = parser.parse(arguments)
    run = find(options.run)
    result = run.result()
    if result is not None:
        if options.json:
            print_json(result)
        else:
            print_result(result)
        return 0
    if options.json:
        print_json(_unfinished(run))
    else:
        print(ending(run))
        if run.state() in (State.FAILED, State.DIED):
            print("\n".join(f"  {plain(line)}" for line in run.log_tail()))
    return 0


def _unfinished(run: Run) -> dict[str, object]:
    last = run.last_event()
    outcome = run.outcome()
    return {
        "run": run.id,
        "outcome": str(run.state()),
        "folder": str(run.folder),
        "last_event": msgspec.to_builtins(last) if last else None,
        "message": getattr(outcome, "message", None),
    }
