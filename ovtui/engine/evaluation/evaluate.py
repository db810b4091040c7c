"""The evaluation of every variant: infer, score, compare, and keep samples to look at."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from ovtui.core import events, predictions
from ovtui.core.result import Sample
from ovtui.core.task import WHOLE_MODEL
from ovtui.engine.cache import Cache
from ovtui.engine.data.rows import Rows
from ovtui.engine.data.spool import Groups, Spool
from ovtui.engine.evaluation import score
from ovtui.engine.evaluation.end_to_end import Timed, end_to_end
from ovtui.engine.evaluation.infer import infer
from ovtui.engine.evaluation.judge import Judge
from ovtui.engine.evaluation.metrics import metrics_of
from ovtui.engine.evaluation.order import another_order
from ovtui.engine.layout import EXECUTED
from ovtui.engine.progress import Journal
from ovtui.engine.pytorch import infer_with_pytorch
from ovtui.engine.specification import (
    Collected,
    Evaluated,
    Evaluation,
    FurtherScore,
    Inference,
    VariantScore,
)
from ovtui.engine.tasks import Task, reopen_task, task_class

# Rows that the whole way from data to answer is timed on, in turn.
_ROWS = 16


def evaluate(work: Evaluation, journal: Journal) -> Evaluated:
    """Accuracy, agreement and samples of every variant, the baseline first.

    Raises:
        SourceError: a model does not run on the device, or data or metric cannot be read.
    """
    evaluation, base = Path(work.evaluation), Path(work.base)
    collected = msgspec.json.decode((evaluation / "info.json").read_bytes(), type=Collected)
    task = reopen_task(work.recipe, collected, base, work.classes)
    rows = Rows(evaluation)
    seen = {item.variant: _see(item, work, task, rows, journal) for item in work.inferences}
    outputs = {name: each.outputs for name, each in seen.items()}
    if model := work.inferences[0].models.get(WHOLE_MODEL):
        task.look_at(Path(model), Spool(evaluation, "inputs")[0])
    metrics = metrics_of(work.recipe, base)
    answers = {
        name: score.answers(task, Groups(Spool(folder, "outputs"), collected.sizes))
        for name, folder in outputs.items()
    }
    judged = any(metric.needs_references for metric in metrics)
    references = score.read_references(evaluation) if judged else None
    baseline = next(iter(answers.values()))
    if task.own_classes and references:
        _tell_of_order(task, baseline, references, journal)
    judges = [Judge(task, it, baseline.predictions, references or ()) for it in metrics]
    same = {
        name: task.same(baseline.predictions, given.predictions) for name, given in answers.items()
    }
    scores = [_score(name, outputs, task, judges, answers, same) for name in outputs]
    for found in scores:
        _tell(found, journal)
    metric = metrics[0]
    changed = [not all(each) for each in zip(*same.values(), strict=True)]
    samples = _samples(work, rows, task, collected, answers, references, changed, journal)
    predictions.write(
        journal.run.folder,
        (
            _row(collected.indices[position], position, rows, task, references, answers, changed)
            for position in range(len(changed))
        ),
    )
    return Evaluated(
        reduction=metric.reduction,
        scores=scores,
        samples=samples,
        end_to_end={name: each.timed.span for name, each in seen.items() if each.timed},
        executed_precision={name: each.executed for name, each in seen.items() if each.executed},
    )


def _samples(
    work: Evaluation,
    rows: Rows,
    task: Task,
    collected: Collected,
    answers: dict[str, score.Answers],
    references: Sequence[Any] | None,
    changed: Sequence[bool],
    journal: Journal,
) -> list[Sample]:
    """Samples to look at with all of their input, those first whose answer a variant changed."""
    folder = journal.run.folder / "samples"
    folder.mkdir(exist_ok=True)
    samples = []
    for position in score.choose_samples(changed, work.recipe.samples):
        index = collected.indices[position]
        sample = _row(index, position, rows, task, references, answers, changed)
        shown = task.show(rows[position], folder, str(index))
        samples.append(msgspec.structs.replace(sample, input=shown))
    return samples


class _Seen(NamedTuple):
    """What a variant's inference left."""

    outputs: Path
    timed: Timed | None

    @property
    def executed(self) -> dict[str, float]:
        """Share of the kernels' time by precision, where the inference told."""
        if self.timed:
            return self.timed.executed_precision
        told = self.outputs / EXECUTED
        if not told.exists():
            return {}
        return msgspec.json.decode(told.read_bytes(), type=dict[str, float])


def _see(inference: Inference, work: Evaluation, task: Task, rows: Rows, journal: Journal) -> _Seen:
    """Infer and time a variant, whose model is then let go of."""
    outputs, compiled = _outputs(inference, work, journal)
    shown = [rows[position] for position in range(min(_ROWS, len(rows)))]
    return _Seen(outputs, end_to_end(inference, work, shown, task, compiled))


def _outputs(inference: Inference, work: Evaluation, journal: Journal) -> tuple[Path, Any]:
    """Folder of a variant's outputs: found in the cache, or inferred now and kept there.

    Those of a pipeline were kept by the processes that then measure it. Beside the folder, the
    model where `infer` leaves it.
    """
    cache, inputs = Cache(Path(work.cache), journal.warn), Spool(Path(work.evaluation), "inputs")
    if found := cache.find("outputs", inference.key):
        return found, None
    step = journal.step(inference.variant, len(inputs))
    folder, compiled = cache.begin(journal.run, "outputs", inference.key), None
    if not inference.models:
        infer_with_pytorch(work.recipe, Path(work.base), inputs, folder, step)
    else:
        kind = task_class(work.recipe.task)
        compiled = infer(
            Path(inference.models[WHOLE_MODEL]),
            inputs,
            work.device,
            inference.properties,
            work.batchable,
            folder,
            step,
            shared=kind.shared,
            evaluated=kind.evaluated,
        )
    return cache.commit(folder, "outputs", inference.key), compiled


def _score(
    name: str,
    outputs: dict[str, Path],
    task: Task,
    judges: Sequence[Judge],
    answers: dict[str, score.Answers],
    same: Mapping[str, Sequence[bool]],
) -> VariantScore:
    first = next(iter(outputs))
    before, after = Spool(outputs[first], "outputs"), Spool(outputs[name], "outputs")
    same_outputs = name == first or score.identical(before, after)
    scored = [score.score(it, answers[name], same_outputs=same_outputs) for it in judges]
    near = None
    if name != first:
        near = score.agreement(
            first,
            before,
            after,
            task.compared,
            same[name],
        )
        near = msgspec.structs.replace(near, same=task.sameness)
    accuracy, outcomes = scored[0]
    also = [
        FurtherScore(accuracy=value, reduction=judge.metric.reduction, outcomes=those)
        for judge, (value, those) in zip(judges[1:], scored[1:], strict=True)
    ]
    return VariantScore(
        variant=name,
        accuracy=accuracy,
        agreement=near,
        outcomes=outcomes,
        also=also,
        same_outputs=same_outputs,
    )


def _tell_of_order(
    task: Task, baseline: score.Answers, references: Sequence[Any], journal: Journal
) -> None:
    """Warn where the data seem to count the classes otherwise than the model."""
    if told := another_order(baseline.answers, references, task.name_reference):
        journal.warn(told)


def _tell(found: VariantScore, journal: Journal) -> None:
    value = msgspec.to_builtins(found.accuracy)
    journal.write(
        events.Measured(time=time.time(), variant=found.variant, what="accuracy", value=value)
    )


def _row(
    index: int,
    position: int,
    rows: Rows,
    task: Task,
    references: Sequence[Any] | None,
    answers: dict[str, score.Answers],
    changed: Sequence[bool],
) -> Sample:
    """A row with what every variant says of it; of its input, what is text."""
    baseline = next(iter(answers.values()))
    return Sample(
        id=str(index),
        input=task.words(rows[position]),
        reference=None if references is None else task.name_reference(references[position]),
        predictions={
            name: task.describe(given.predictions[position])
            if given is baseline
            else task.describe_beside(given.predictions[position], baseline.predictions[position])
            for name, given in answers.items()
        },
        changed=changed[position],
    )
