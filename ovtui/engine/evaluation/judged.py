"""The samples that count: those that the baseline answers with numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from ovtui.core.text.errors import SourceError
from ovtui.engine.data.rows import Rows
from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import Groups, Spool
from ovtui.engine.evaluation.agreement import without_numbers
from ovtui.engine.evaluation.outputs import Seen
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Collected
from ovtui.engine.tasks.answers import PerRow


class Judged(NamedTuple):
    """What is known of the samples that count, in their order."""

    indices: list[int]
    """Of the rows in the data."""
    positions: list[int]
    """Of the samples in the evaluation's folder."""
    references: PerRow | None
    """The right answers, where a metric needs them."""
    rows: Rows
    sizes: list[int]
    """Calls of the model that each sample in the folder takes, also of one that does not count."""

    def row(self, number: int) -> Row:
        """Returns a sample as it was read."""
        return self.rows[self.positions[number]]


def judged(
    collected: Collected, left_out: Collection[int], references: PerRow | None, rows: Rows
) -> Judged:
    """Returns the samples but for those that are left out, whose positions are given.

    Args:
        collected: the evaluation's samples.
        left_out: positions.
        references: right answers of all samples.
        rows: as they were read.
    """
    kept = [it for it in range(len(collected.indices)) if it not in left_out]
    wanted = None if references is None else [references[it] for it in kept]
    indices = [collected.indices[it] for it in kept]
    return Judged(indices, kept, wanted, rows, collected.sizes)


def groups_of(seen: Seen, collected: Collected, left_out: Collection[int]) -> Groups:
    """Returns a variant's outputs for each sample that counts.

    Args:
        seen: a variant's outputs.
        collected: the evaluation's samples.
        left_out: positions of samples that do not count.
    """
    return Groups(Spool(seen.folder, "outputs"), collected.sizes, left_out)


def left_out(seen: Mapping[str, Seen], collected: Collected, journal: Journal) -> Collection[int]:
    """Returns positions of samples that the baseline answers with NaN or infinity, which is warned
    of.

    Args:
        seen: the variants, the baseline first.
        collected: the evaluation's samples.
        journal: where the warning goes.

    Raises:
        SourceError: it answers all of them so.
    """
    name, baseline = next(iter(seen.items()))
    unfit = without_numbers(groups_of(baseline, collected, ()), baseline.names)
    if not unfit:
        return unfit
    position, output = next(iter(unfit.items()))
    where = f"{collected.dataset}, row {collected.indices[position]}: output {output!r}"
    if len(unfit) == len(collected.indices):
        raise SourceError(
            f"{name} answers every sample with NaN or infinity ({where}); check the model's "
            "weights, and that the data are preprocessed as it expects"
        )
    journal.warn(
        f"{len(unfit)} of {len(collected.indices)} evaluation samples are left out, since {name} "
        f"answers them with NaN or infinity (the first: {where})"
    )
    return unfit


def warn_of_answers(
    name: str, seen: Seen, none: Mapping[int, str], data: Judged, journal: Journal
) -> None:
    """Says where a variant's outputs are no numbers, or not those of fresh requests.

    Args:
        name: of the variant.
        seen: what its inference left.
        none: numbers of the samples that it answers with NaN or infinity, and in which output.
        data: the samples that count.
        journal: where the warnings go.
    """
    if none:
        number, output = next(iter(none.items()))
        journal.warn(
            f"{name}: {len(none)} of {len(data.indices)} samples are answered with NaN or infinity "
            f"(the first: row {data.indices[number]}, output {output!r}); they count as wrong, and "
            "the variant fails"
        )
    check = seen.check
    if check and not check.equal:
        journal.warn(
            f"{name}: two fresh requests for one sample answer differently, so no verdict can rest "
            "on its answers; this is a fault of the runtime or of ovtui, not of the model"
        )
