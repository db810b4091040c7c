"""`ovtui compare`: runs side by side, also from other machines."""

from __future__ import annotations

from collections.abc import Sequence

from ovtui.commands.arguments import Parser
from ovtui.commands.output import width
from ovtui.core.errors import UserError
from ovtui.core.result import Result
from ovtui.core.runs import find
from ovtui.core.side_by_side import comparison_table, to_json, to_text


def main(arguments: Sequence[str]) -> int:
    """Put all variants of several runs into one table."""
    parser = Parser("compare", "Put runs side by side; folders copied from elsewhere are fine.")
    parser.add_argument(
        "runs", nargs="+", metavar="run", help="id, unique prefix, last, or a folder"
    )
    parser.add_json()
    options = parser.parse(arguments)
    table = comparison_table([_result(text) for text in options.runs])
    print(to_json(table).decode() if options.json else to_text(table, width()))
    return 0


def _result(text: str) -> Result:
    run = find(text)
    found = run.result()
    if found is None:
        raise UserError(f"{run.id} is {run.state()}, it has no result to compare")
    return found
