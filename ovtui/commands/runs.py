"""`ovtui runs`: the list of runs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import msgspec

from ovtui.commands.arguments import Parser, count
from ovtui.commands.output import list_width, print_json, say
from ovtui.core.reports.numbers import change, gain, size, speed
from ovtui.core.reports.table import Column, draw
from ovtui.core.results.choice import headline
from ovtui.core.runs import events
from ovtui.core.runs.run_fields import KEYS, run_fields, words
from ovtui.core.runs.run_folder import Run, every
from ovtui.core.text.errors import UserError
from ovtui.core.text.foreign import plain
from ovtui.core.text.row_filter import RowFilter


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A run in the list, with the headline of its result."""

    run: str
    recipe: str
    state: str
    device: str
    created: str
    variant: str | None = None
    """The one that the numbers are of: the chosen one, or what comes nearest."""
    precisions: str = ""
    """The two that the speed-up compares."""
    speedup: float | None = None
    compression: float | None = None
    accuracy_delta: float | None = None
    verdict: str | None = None
    reason: str = ""
    """Why it failed, in a line."""


def main(arguments: Sequence[str]) -> int:
    """Lists runs, the newest first."""
    parser = Parser("runs", "List runs, the newest first.")
    parser.add_argument(
        "-n", type=count, default=50, metavar="COUNT", help="how many (default: 50)"
    )
    parser.add_argument(
        "--filter",
        default="",
        metavar="TERMS",
        help=f"e.g. 'verdict:fail drop>0.01 model:bert !demo'; keys: {', '.join(KEYS)}",
    )
    parser.add_json()
    options = parser.parse(arguments)
    wanted = RowFilter(options.filter, KEYS)
    if wanted.problem:
        raise UserError(f"runs: --filter: {wanted.problem}")
    rows = list(islice(filter(None, (_row(run, wanted) for run in every())), options.n))
    if options.json:
        print_json(rows)
    elif rows:
        shows_reason = list_width() >= _WIDE and any(row.reason for row in rows)
        columns = [*_COLUMNS, Column("reason")] if shows_reason else _COLUMNS
        print(draw(columns, [_cells(row)[: len(columns)] for row in rows], list_width()))
    elif options.filter:
        say("no run passes the filter")
    else:
        say("no runs yet; start one with: ovtui demo")
    return 0


_WIDE = 140
"""Where there is less room, ids that are whole matter more than reasons."""
_COLUMNS = [
    Column("run"),
    Column("state", fixed=True),
    Column("variant"),
    Column("faster", numeric=True, fixed=True),
    Column("smaller", numeric=True, fixed=True),
    Column("metric", "change", numeric=True, fixed=True),
    Column("verdict", fixed=True),
]


def _row(run: Run, wanted: RowFilter) -> Row | None:
    """The run in the list; None where it does not pass the filter."""
    try:
        heading = run.heading()
    except UserError:
        fields = run_fields(run.id, None, "damaged", "", None)
        row = Row(run=run.id, recipe="?", state="damaged", device="", created="")
        return row if wanted.passes(words(run.id, None), fields) else None
    try:
        result = run.result()
    except UserError:  # damaged, or from a newer version: `ovtui show` says it
        result = None
    state, reason = str(run.state()), _reason(run)
    fields = run_fields(run.id, heading, state, reason, result)
    if not wanted.passes(words(run.id, heading), fields):
        return None
    best = headline(result) if result else None
    return Row(
        run=run.id,
        recipe=heading.name,
        state=state,
        device=heading.device,
        created=heading.created,
        variant=best.variant if best else None,
        precisions=best.precisions if best else "",
        speedup=best.speedup if best else None,
        compression=best.compression if best else None,
        accuracy_delta=best.accuracy_delta if best else None,
        verdict=best.verdict if best else None,
        reason=reason,
    )


def _reason(run: Run) -> str:
    outcome = run.outcome()
    return outcome.message if isinstance(outcome, events.Failed) else ""


def _cells(row: Row) -> list[str]:
    return [
        row.run,
        row.state,
        row.variant or "",
        gain(row.speedup, speed) if row.speedup else "",
        gain(row.compression, size) if row.compression else "",
        "" if row.accuracy_delta is None else change(row.accuracy_delta),
        row.verdict or "",
        plain(row.reason),
    ]
