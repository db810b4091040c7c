"""Operations of a variant beside the baseline's, added up by kind, by module, or each by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ovtui.core.results.operation_pairs import Pair, first_name, pairs, repeated
from ovtui.core.results.operations import GraphProfile, Operation

OUTSIDE = "outside operations"
CONVERSIONS = "conversions"
LEFT_OUT = "not kept"
TOTAL = "total"
_NO_MODULE = "(no module)"

Timed = tuple[Operation, float]
"""An operation, and the calls of its graph for one sample."""


class Grouping(StrEnum):
    """What operations are added up by."""

    KIND = "kind"
    MODULE = "module"
    OPERATION = "operation"


@dataclass(frozen=True, slots=True)
class OperationRow:
    """Operations that are told in one row; milliseconds are for one sample."""

    name: str
    kinds: tuple[str, str] = ("", "")
    """Of the baseline's operations and of the variant's, those of the most time first."""
    precisions: tuple[str, str] = ("", "")
    calls: tuple[float, float] = (0, 0)
    """Operations times the calls of their graph."""
    baseline_ms: float = 0.0
    variant_ms: float = 0.0
    """With the conversions."""
    conversions: float = 0
    """Calls of what the variant converts in between."""
    conversions_ms: float = 0.0
    blocks: int = 1
    """Modules that are alike, and told together."""

    @property
    def gain(self) -> float | None:
        """Time of the baseline over the variant's; None where one of them has none."""
        return self.baseline_ms / self.variant_ms if self.baseline_ms and self.variant_ms else None


@dataclass(frozen=True, slots=True)
class OperationTable:
    """A variant's operations beside the baseline's."""

    parts: list[OperationRow]
    """Those of the most time first."""
    rest: list[OperationRow]
    """Operations that were not kept, the time that is in none, and the total."""


def operation_table(
    baseline: Sequence[GraphProfile], variant: Sequence[GraphProfile], by: Grouping
) -> OperationTable:
    """Returns a variant's operations beside the baseline's.

    Args:
        baseline: a profile for each component.
        variant: likewise.
        by: what they are added up by.
    """
    matched = pairs(baseline, variant)
    match by:
        case Grouping.KIND:
            parts = _by_kind(matched)
        case Grouping.MODULE:
            parts = _by_module(matched)
        case Grouping.OPERATION:
            parts = [_row(first_name(pair.baseline or pair.variant), [pair]) for pair in matched]
    parts.sort(key=lambda row: -max(row.baseline_ms, row.variant_ms))
    shared = {it.component for it in baseline} & {it.component for it in variant}
    before = [it for it in baseline if it.component in shared]
    after = [it for it in variant if it.component in shared]
    rest = [
        OperationRow(name, baseline_ms=ours, variant_ms=theirs)
        for name, ours, theirs in (
            (LEFT_OUT, _left_out_ms(before), _left_out_ms(after)),
            (OUTSIDE, outside_ms(before), outside_ms(after)),
        )
        if ours or theirs
    ]
    return OperationTable(parts, [*rest, added_up(TOTAL, [*parts, *rest])])


def outside_ms(profiles: Iterable[GraphProfile]) -> float:
    """Returns the ms of one sample that are in no operation of its graphs."""
    return sum(profile.outside_ms * profile.calls for profile in profiles)


def _left_out_ms(profiles: Iterable[GraphProfile]) -> float:
    return sum(profile.left_out_us / 1000 * profile.calls for profile in profiles)


def added_up(name: str, parts: Sequence[OperationRow]) -> OperationRow:
    """Returns several rows as one of this name."""
    return OperationRow(
        name,
        calls=(sum(it.calls[0] for it in parts), sum(it.calls[1] for it in parts)),
        baseline_ms=sum(it.baseline_ms for it in parts),
        variant_ms=sum(it.variant_ms for it in parts),
        conversions=sum(it.conversions for it in parts),
        conversions_ms=sum(it.conversions_ms for it in parts),
    )


def _by_kind(matched: Sequence[Pair]) -> list[OperationRow]:
    """Each side by its own kinds: what one fuses into a kernel, the other may do in several."""
    before: dict[str, list[Timed]] = {}
    after: dict[str, list[Timed]] = {}
    for pair in matched:
        for operation in pair.baseline:
            before.setdefault(operation.kind, []).append((operation, pair.baseline_calls))
        for operation in pair.variant:
            after.setdefault(operation.kind, []).append((operation, pair.calls))
        for operation in pair.conversions:
            after.setdefault(CONVERSIONS, []).append((operation, pair.calls))
    return [_kind_row(kind, before.get(kind, []), after.get(kind, [])) for kind in before | after]


def _kind_row(kind: str, ours: Sequence[Timed], theirs: Sequence[Timed]) -> OperationRow:
    calls = sum(calls for _, calls in ours), sum(calls for _, calls in theirs)
    spent = _spent(theirs)
    if kind == CONVERSIONS:
        return OperationRow(
            kind,
            kinds=("", _most(theirs, _kind)),
            precisions=("", _most(theirs, _change)),
            variant_ms=spent,
            conversions=calls[1],
            conversions_ms=spent,
        )
    return OperationRow(
        kind,
        kinds=(_most(ours, _kind), _most(theirs, _kind)),
        precisions=(_most(ours, _precision), _most(theirs, _precision)),
        calls=calls,
        baseline_ms=_spent(ours),
        variant_ms=spent,
    )


def _by_module(matched: Sequence[Pair]) -> list[OperationRow]:
    grouped: dict[str, list[Pair]] = {}
    many = len({pair.component for pair in matched}) > 1
    for pair in matched:
        module = repeated(pair.module) or _NO_MODULE
        name = f"{pair.component}: {module}" if many else module
        grouped.setdefault(name, []).append(pair)
    return [_row(name, those) for name, those in grouped.items()]


def _row(name: str, those: Sequence[Pair]) -> OperationRow:
    ours = [(it, pair.baseline_calls) for pair in those for it in pair.baseline]
    theirs = [(it, pair.calls) for pair in those for it in pair.variant]
    return OperationRow(
        name,
        kinds=(_most(ours, _kind), _most(theirs, _kind)),
        precisions=(_most(ours, _precision), _most(theirs, _precision)),
        calls=(sum(calls for _, calls in ours), sum(calls for _, calls in theirs)),
        baseline_ms=sum(pair.baseline_ms for pair in those),
        variant_ms=sum(pair.variant_ms for pair in those),
        conversions=sum(len(pair.conversions) * pair.calls for pair in those),
        conversions_ms=sum(pair.conversions_ms for pair in those),
        blocks=len({(pair.component, pair.module) for pair in those}),
    )


def _spent(timed: Iterable[Timed]) -> float:
    return sum(operation.microseconds * calls for operation, calls in timed) / 1000


def _kind(operation: Operation) -> str:
    return operation.kind


def _precision(operation: Operation) -> str:
    return operation.precision


def _change(operation: Operation) -> str:
    return f"{operation.takes}→{operation.gives}"


def _most(timed: Sequence[Timed], word: Callable[[Operation], str], count: int = 3) -> str:
    """The words of the most time, as in `i8+f32`; what takes less than 2 % is not named."""
    spent: dict[str, float] = {}
    for operation, calls in timed:
        spent[word(operation)] = spent.get(word(operation), 0.0) + operation.microseconds * calls
    return "+".join(largest(spent, count))


def largest(spent: Mapping[str, float], count: int) -> list[str]:
    """Returns the names that most is spent on, and one at least.

    Args:
        spent: by name.
        count: names at most; those of less than 2 % are left out.
    """
    names = sorted(spent, key=lambda name: -spent[name])
    total = sum(spent.values())
    return [name for name in names[:count] if name == names[0] or spent[name] >= 0.02 * total]
