"""`ovtui compare`: runs side by side, also from other machines."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ovtui.commands.arguments import Parser
from ovtui.commands.fail_on import add_fail_on, gate
from ovtui.commands.output import list_width, print_json, width
from ovtui.core.reports import pairing
from ovtui.core.reports.side_by_side import SideBySide, comparison_table, to_text
from ovtui.core.results import outcomes
from ovtui.core.results.result import Result
from ovtui.core.runs.run_folder import Run, find
from ovtui.core.text.errors import UserError, nearest
from ovtui.core.text.foreign import plain


def main(arguments: Sequence[str]) -> int:
    """Puts the variants of several runs into one table, and compares them pair by pair."""
    parser = Parser("compare", "Put runs side by side; folders copied from elsewhere are fine.")
    parser.add_argument(
        "runs", nargs="+", metavar="run", help="id, unique prefix, last, or a folder"
    )
    parser.add_argument(
        "--variant", action="append", metavar="NAME", help="only this variant (may be repeated)"
    )
    add_fail_on(parser)
    parser.add_json()
    options = parser.parse(arguments)
    runs = [find(text) for text in options.runs]
    table = _only(comparison_table([_result(run) for run in runs]), options.variant)
    judged = [pairing.Judged(run.id, kept) for run in runs if (kept := outcomes.read(run.folder))]
    shown = {(row.run, row.variant) for row in table.rows}
    pairs = [pair for pair in pairing.pairs(judged) if (pair.run, pair.variant) in shown]
    if options.json:
        print_json(msgspec.to_builtins(table) | {"pairs": pairs})
    else:
        _print(table, pairs)
    verdicts = ((f"{row.variant} of {row.run}", row.judged) for row in table.rows)
    return gate(verdicts, options.fail_on)


def _print(table: SideBySide, pairs: Sequence[pairing.Pair]) -> None:
    print(to_text(table, list_width()))
    if pairs:
        first = pairs[0]
        print()
        print(plain(f"sample by sample, against {first.against} of {first.against_run}"))
        print(pairing.to_text(pairs, width()))


def _only(table: SideBySide, variants: list[str] | None) -> SideBySide:
    if not variants:
        return table
    known = [row.variant for row in table.rows]
    for name in variants:
        if name not in known:
            raise UserError(f"no variant {name!r} in these runs, {nearest(name, known)}")
    rows = [row for row in table.rows if row.variant in variants]
    return SideBySide(rows=rows, warnings=table.warnings)


def _result(run: Run) -> Result:
    result = run.result()
    if result is None:
        raise UserError(f"{run.id} is {run.state()}, it has no result to compare")
    return result
