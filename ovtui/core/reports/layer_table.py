"""Operations of a variant beside the baseline's, as tables; not yet safe to print."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ovtui.core.reports.numbers import ratio
from ovtui.core.reports.table import Column, Row
from ovtui.core.results.operation_rows import (
    Grouping,
    OperationRow,
    OperationTable,
    added_up,
    operation_table,
)
from ovtui.core.results.operations import GraphProfile, Operations, is_slowed
from ovtui.core.results.result import Comparison, Result
from ovtui.core.text.units import human_bytes, three_digits

MOST_ROWS = 30
"""Of a table; those of less time are added up in one."""


_UNLIMITED = 10_000


class Layers(NamedTuple):
    """A variant's operations beside those of what it is compared with."""

    variant: str
    baseline: str
    tables: dict[Grouping, OperationTable]
    note: str
    """What the times are of, and how far they are from the latency that was measured."""


def layers(result: Result, operations: Operations) -> list[Layers]:
    """Returns the operations of each variant whose baseline's are known too.

    Args:
        result: of a run.
        operations: of its variants.
    """
    kept = operations.variants
    return [
        Layers(
            variant=comparison.variant,
            baseline=comparison.alike,
            tables={
                by: operation_table(kept[comparison.alike], kept[comparison.variant], by)
                for by in Grouping
            },
            note=_note(result, comparison, operations),
        )
        for comparison in result.comparisons
        if {comparison.variant, comparison.alike} <= set(kept)
    ]


def _note(result: Result, comparison: Comparison, operations: Operations) -> str:
    """A pipeline's answers are of another length where latency is measured: of that its operations
    stand beside the inferences that they were profiled in.
    """
    profiles = operations.variants[comparison.variant]
    left_out = sum(profile.left_out for profile in profiles)
    parts = ["ms of one sample, one at a time, profiled apart from the latency that was measured"]
    names = (comparison.alike, comparison.variant)
    if len(profiles) > 1:
        parts += [_beside_inferences(name, operations.variants[name]) for name in names]
    else:
        medians = {it.name: it.latency.p50_ms for it in result.variants if it.latency}
        parts += [_beside(name, operations.variants[name], medians.get(name)) for name in names]
        if any(is_slowed(operations.variants[name], medians.get(name)) for name in names):
            parts.append(
                "operations that take longer than the latency were profiled beside other work: "
                "read their shares, not their times"
            )
    if left_out:
        parts.append(f"{left_out} short operations of {comparison.variant} are not kept")
    if operations.memory:
        does = three_digits(operations.memory.bytes_per_second / 1e9)
        cache = human_bytes(operations.memory.cache_bytes)
        parts.append(f"memory does {does} GB/s, the last cache holds {cache}")
    return "; ".join(filter(None, parts))


def _beside(name: str, profiles: Sequence[GraphProfile], p50_ms: float | None) -> str:
    if p50_ms is None:
        return ""
    taken = sum(profile.operations_ms * profile.calls for profile in profiles)
    return f"{name}: operations {three_digits(taken)} of p50 {_ms_and_share(p50_ms, taken)}"


def _beside_inferences(name: str, profiles: Sequence[GraphProfile]) -> str:
    taken = sum(profile.operations_ms * profile.calls for profile in profiles)
    whole = sum(profile.milliseconds * profile.calls for profile in profiles)
    return (
        f"{name}: operations {three_digits(taken)} of inferences of {_ms_and_share(whole, taken)}"
    )


def _ms_and_share(whole_ms: float, taken_ms: float) -> str:
    return f"{three_digits(whole_ms)} ms ({taken_ms / whole_ms:.0%})" if whole_ms else "0 ms"


class LayerTable(NamedTuple):
    """Operations that take most time, and all others in one row."""

    columns: list[Column]
    rows: list[Row]


def layer_table(shown: Layers, by: Grouping, width: int = _UNLIMITED) -> LayerTable:
    """Returns a table of operations; where there is little room, with the columns that matter most.

    Args:
        shown: a variant's operations.
        by: what they are added up by.
        width: cells of a line.
    """
    table = shown.tables[by]
    total = table.rest[-1]
    decimals = 3 if max(total.baseline_ms, total.variant_ms) < 1000 else 1

    def time(milliseconds: float, calls: float) -> str | None:
        return f"{milliseconds:.{decimals}f}" if milliseconds or calls else None

    made = [
        _Made(0, Column(by), _name),
        _Made(90 if by is not Grouping.KIND else _UNLIMITED + 1, Column("type"), _kinds),
        _Made(60, Column("precision", fixed=True), _precisions),
        _Made(90, Column("calls", numeric=True), _calls),
        _Made(
            0,
            Column(shown.baseline, "ms", numeric=True),
            lambda row: time(row.baseline_ms, row.calls[0]),
        ),
        _Made(
            0,
            Column(shown.variant, "ms", numeric=True),
            lambda row: time(row.variant_ms, row.calls[1]),
        ),
        _Made(0, Column("gain", numeric=True), _gain),
        _Made(76, Column("conversions", "count, ms", numeric=True), _conversions),
    ]
    fitting = [it for it in made if it.least <= width]
    kept = [*_longest(table.parts), *table.rest]
    return LayerTable(
        [it.column for it in fitting], [[it.cell(row) for it in fitting] for row in kept]
    )


class _Made(NamedTuple):
    """A column, what is in it, and the cells of a line from which on there is room for it."""

    least: int
    column: Column
    cell: Callable[[OperationRow], str | None]


def _kinds(row: OperationRow) -> str | None:
    return _changed(row.kinds) or None


def _calls(row: OperationRow) -> str | None:
    return _changed((_count(row.calls[0]), _count(row.calls[1]))) if any(row.calls) else None


def _gain(row: OperationRow) -> str | None:
    return None if row.gain is None else ratio(row.gain)


def _conversions(row: OperationRow) -> str | None:
    count = _count(row.conversions)
    return f"{count}, {three_digits(row.conversions_ms)}" if row.conversions else None


def _longest(parts: Sequence[OperationRow]) -> list[OperationRow]:
    """At most so many rows: those of less time are one."""
    if len(parts) <= MOST_ROWS:
        return list(parts)
    others = added_up(f"{len(parts) - MOST_ROWS} others", parts[MOST_ROWS:])
    return [*parts[:MOST_ROWS], others]


def _name(row: OperationRow) -> str:
    name = row.name.removeprefix("__module.")  # of everything that PyTorch has traced
    return f"{name} ×{row.blocks}" if row.blocks > 1 else name


def _precisions(row: OperationRow) -> str | None:
    alone = row.conversions and not any(row.calls)
    return (row.precisions[1] if alone else _changed(row.precisions)) or None


def _changed(before_after: tuple[str, str]) -> str:
    """What it was and is; once where that is the same."""
    before, after = before_after
    return before if before == after else f"{before or '–'} → {after or '–'}"


def _count(calls: float) -> str:
    return f"{calls:.0f}" if calls >= 99.95 or calls == round(calls) else f"{calls:.1f}"
