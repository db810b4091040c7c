"""`ovtui cancel`: end a run."""

from __future__ import annotations

from collections.abc import Sequence

from ovtui.commands.arguments import Parser
from ovtui.commands.output import say
from ovtui.core.runs import launch
from ovtui.core.runs.run_folder import State, find
from ovtui.core.text.errors import UserError


def main(arguments: Sequence[str]) -> int:
    """Ends a run's engine."""
    parser = Parser("cancel", "End a run within 5 s; its finished stages are kept.")
    parser.add_argument("run", help="id, unique prefix, or last")
    run = find(parser.parse(arguments).run)
    state = launch.cancel(run)
    if state is None:
        raise UserError(f"{run.id} is {run.state()}, there is nothing to cancel")
    if state is not State.CANCELLED:
        say(f"ovtui: {run.id} was {state} before it could be cancelled")
        return 1
    say(f"cancelled {run.id}")
    return 0
