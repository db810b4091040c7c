"""What storing the baseline's weights in 16 bits does to its answers."""

from __future__ import annotations

from collections.abc import Sequence

from ovtui.core.results.variant import StorageEffect
from ovtui.engine.data.spool import Groups, Spool
from ovtui.engine.evaluation import score
from ovtui.engine.evaluation.agreement import agreement, without_numbers
from ovtui.engine.evaluation.judge import Judge
from ovtui.engine.evaluation.judged import Judged
from ovtui.engine.evaluation.metric import Metric
from ovtui.engine.evaluation.outputs import Seen, outputs_of
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_work import Evaluation
from ovtui.engine.tasks import Task


def effect_of_storage(
    work: Evaluation,
    task: Task,
    metric: Metric,
    baseline: Seen,
    data: Judged,
    journal: Journal,
) -> StorageEffect | None:
    """Returns the baseline as it is stored beside the same graph with weights of 32 bits, or beside
    PyTorch's model.

    Args:
        work: what is evaluated.
        task: whose predictions.
        metric: that decides.
        baseline: its outputs, as stored.
        data: the samples that count.
        journal: counts the samples.

    Returns:
        None where the graph with weights of 32 bits is not there.
    """
    inference = work.full_precision
    if inference is None:
        return None
    folder = outputs_of(inference, work, task, journal)
    sizes = data.sizes[: _rows(data.sizes, inference.most)]
    left_out = set(range(len(sizes))) - set(data.positions)
    exact = Groups(Spool(folder, "outputs"), sizes, left_out)
    stored = Groups(Spool(baseline.folder, "outputs"), sizes, left_out)
    none = without_numbers(exact, baseline.names)
    before = score.answers(task, exact, data.row, none).predictions
    after = score.answers(task, stored, data.row).predictions
    references = (data.references or [])[: len(exact)]
    judge = Judge(task, metric, before, references)
    same = task.same(before, after)
    near = agreement(exact, stored, baseline.names, task.compared, same, none)
    value = judge.measure(before).value
    return StorageEffect(
        samples=len(exact),
        metric=metric.name,
        value=value,
        delta=judge.measure(after).value - value,
        changed=same.count(False),
        max_abs_difference=near.max_abs_difference,
        beside_pytorch=not inference.models,
    )


def _rows(sizes: Sequence[int], most: int | None) -> int:
    """How many rows so many calls of the model are, whole ones only."""
    if most is None:
        return len(sizes)
    rows = 0
    for size in sizes:
        most -= size
        if most < 0:
            break
        rows += 1
    return rows
