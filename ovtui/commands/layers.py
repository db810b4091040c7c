"""The operations of a run's variants, for `ovtui show --layers`."""

from __future__ import annotations

import msgspec

from ovtui.commands.output import list_width, print_json
from ovtui.core.reports.layer_table import Layers, layer_table, layers
from ovtui.core.reports.slow_wording import slow_sentence
from ovtui.core.reports.table import draw
from ovtui.core.results import operations
from ovtui.core.results.operation_rows import Grouping, OperationRow
from ovtui.core.results.result import Result
from ovtui.core.runs.run_folder import Run
from ovtui.core.text.cells import wrap
from ovtui.core.text.errors import UserError, nearest
from ovtui.core.text.foreign import plain


def show_layers(run: Run, result: Result | None, variant: str | None, *, as_json: bool) -> int:
    """Prints the operations of variants beside the baseline's, and why a variant is not faster.

    Args:
        run: whose folder has the operations.
        result: of the run, where it has one.
        variant: only this one.
        as_json: every operation, as one JSON document; else tables of those that take most time.

    Raises:
        UserError: the run has no result or no operations, or there is no such variant.
    """
    if result is None:
        raise UserError(f"{run.id} is {run.state()}, it has no result yet")
    kept = operations.read(run.folder)
    known = layers(result, kept) if kept else []
    if not known:
        raise UserError(
            f"{run.id}: keeps no operations of two variants; run it again, with measure.latency"
        )
    names = [shown.variant for shown in known]
    if variant is not None and variant not in names:
        raise UserError(f"no operations of a variant {variant!r}, {nearest(variant, names)}")
    chosen = [shown for shown in known if variant in (None, shown.variant)]
    reasons = {
        comparison.variant: slow_sentence(comparison.slow_reason)
        for comparison in result.comparisons
        if comparison.slow_reason
    }
    if as_json:
        print_json([_document(shown, reasons.get(shown.variant)) for shown in chosen])
    else:
        print("\n\n".join(_text(shown, reasons.get(shown.variant)) for shown in chosen))
    return 0


def _document(shown: Layers, reason: str | None) -> dict[str, object]:
    tables = {
        by: {"parts": _rows(table.parts), "rest": _rows(table.rest)}
        for by, table in shown.tables.items()
    }
    return shown._asdict() | {"tables": tables, "why_not_faster": reason}


def _rows(rows: list[OperationRow]) -> list[dict[str, object]]:
    return [msgspec.to_builtins(row) | {"gain": row.gain} for row in rows]


def _text(shown: Layers, reason: str | None) -> str:
    width = list_width()
    lines = wrap(plain(f"{shown.variant} beside {shown.baseline}: {shown.note}"), width)
    if reason:
        lines += wrap(plain(f"why not faster: {reason}"), width)
    tables = (draw(*layer_table(shown, by, width), width) for by in Grouping)
    return "\n\n".join(["\n".join(lines), *tables])
