"""`ovtui cancel`: end a run."""

from __future__ import annotations

from collections.abc import Sequence

from ovtui.commands.arguments import Parser
from ovtui.commands.output import say
from ovtui.core import launch
from ovtui.core.errors import UserError
from ovtui.core.runs import find


def main(arguments: Sequence[str]) -> int:
    """End a run's engine."""
    parser = Parser("cancel", "End a run within 5 s; its finished stages are kept.")
    parser.add_argument("run", help="id, unique prefix, or last")
    run = find(parser.parse(arguments).run)
    if not launch.cancel(run):
        raise UserError(f"{run.id} is {run.state()}, there is nothing to cancel")
    say(f"cancelled {run.id}")
    return 0
