"""The evaluation of every variant: infer, score, compare, and keep samples to look at."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.results import evaluated_rows
from ovtui.core.results.prediction import Prediction, TextPrediction
from ovtui.core.results.result import Sample
from ovtui.core.runs import events
from ovtui.engine.data.rows import Rows
from ovtui.engine.data.spool import Groups, Spool
from ovtui.engine.evaluation import score
from ovtui.engine.evaluation.agreement import agreement, without_numbers
from ovtui.engine.evaluation.judge import Judge
from ovtui.engine.evaluation.judged import Judged, groups_of, judged, left_out, warn_of_answers
from ovtui.engine.evaluation.likelihood import divergence_of, equally_likely, likelihoods
from ovtui.engine.evaluation.metrics import metrics_of
from ovtui.engine.evaluation.object_changes import object_changes
from ovtui.engine.evaluation.order import another_order
from ovtui.engine.evaluation.outputs import Seen, see
from ovtui.engine.evaluation.storage import effect_of_storage
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import (
    Collected,
    Evaluated,
    FurtherScore,
    VariantScore,
    read_info,
    read_references,
)
from ovtui.engine.store.stage_work import Evaluation
from ovtui.engine.tasks import Task, reopen_task
from ovtui.engine.tasks.answers import Likelihood
from ovtui.engine.tasks.text_generation import TextGeneration

_NOTHING = TextPrediction(text="no answer: its outputs are NaN or infinite")


def evaluate(work: Evaluation, journal: Journal) -> Evaluated:
    """Returns accuracy, agreement and samples of every variant, the baseline first.

    Raises:
        SourceError: a model does not run on the device, or data or metric cannot be read; or the
            baseline answers no sample with numbers.
    """
    evaluation = Path(work.evaluation)
    collected = read_info(evaluation, Collected)
    task = reopen_task(work, collected, work.classes)
    rows = Rows(evaluation)
    if model := work.inferences[0].models.get(WHOLE_MODEL):
        task.look_at(Path(model), Spool(evaluation, "inputs")[0])
    seen = {item.variant: see(item, work, task, rows, journal) for item in work.inferences}
    metrics = metrics_of(work)
    wanted = any(metric.needs_references for metric in metrics)
    ignored = left_out(seen, collected, journal)
    data = judged(collected, ignored, read_references(evaluation) if wanted else None, rows)
    variants = [
        _variant(name, groups_of(it, collected, ignored), it, task, data)
        for name, it in seen.items()
    ]
    if isinstance(task, TextGeneration):
        read = likelihoods(work, task, rows, journal)
        for it in variants:
            for position, given in zip(data.positions, it.answers.predictions, strict=True):
                given["likelihood"] = read[it.name][position]
    for it in variants:
        warn_of_answers(it.name, it.seen, it.nothing, data, journal)
    answers = {it.name: it.answers for it in variants}
    baseline = variants[0].answers.predictions
    if work.recipe.task_info.classes and data.references:
        said = [task.answer(prediction) for prediction in baseline]
        if advice := another_order(said, data.references, task.name_reference):
            journal.warn(advice)
    judges = [Judge(task, metric, baseline, data.references or ()) for metric in metrics]
    same = {name: task.same(baseline, given.predictions) for name, given in answers.items()}
    scores = [_score(it, variants[0], same[it.name], task, judges) for it in variants]
    if "objects" in work.recipe.task_info.compares:
        scores = [_with_objects(it, answers, task, data) for it in scores]
    if isinstance(task, TextGeneration):
        scores = [scores[0], *(_with_divergence(it, answers[it.variant]) for it in scores[1:])]
    for variant_score in scores:
        _tell(variant_score, journal)
    storage = effect_of_storage(work, task, metrics[0], variants[0].seen, data, journal)
    changed = [not all(each) for each in zip(*same.values(), strict=True)]
    moved = [task.changes(baseline, given.predictions, same[it]) for it, given in answers.items()]
    chosen = score.choose_samples(list(map(max, zip(*moved, strict=True))), work.recipe.samples)
    samples = _samples(chosen, data, task, answers, changed, journal)
    evaluated_rows.write(
        journal.run.folder,
        (_row(number, data, task, answers, changed) for number in range(len(changed))),
    )
    return Evaluated(
        reduction=metrics[0].reduction,
        scores=scores,
        samples=samples,
        end_to_end={name: each.timed.span for name, each in seen.items() if each.timed},
        reading={name: each.timed.reading for name, each in seen.items() if each.timed},
        outputs_read=task.reading,
        executed_precision={name: each.executed for name, each in seen.items() if each.executed},
        profiles={name: it.profiles for name, it in seen.items() if it.profiles},
        left_out=sorted(ignored),
        storage=storage,
    )


class _Variant(NamedTuple):
    """A variant, and what it says of every sample that counts."""

    name: str
    seen: Seen
    outputs: Groups
    answers: score.Answers
    nothing: dict[int, str]
    """Numbers of the samples that it answers with NaN or infinity, and in which output."""


def _variant(name: str, outputs: Groups, seen: Seen, task: Task, data: Judged) -> _Variant:
    nothing = without_numbers(outputs, seen.names)
    answers = score.answers(task, outputs, data.row, nothing)
    return _Variant(name, seen, outputs, answers, nothing)


def _samples(
    chosen: Sequence[int],
    data: Judged,
    task: Task,
    answers: Mapping[str, score.Answers],
    changed: Sequence[bool],
    journal: Journal,
) -> list[Sample]:
    """Samples to look at with all of their input, in the order in which they are chosen."""
    folder = journal.run.folder / "samples"
    folder.mkdir(exist_ok=True)
    samples = []
    for number in chosen:
        sample = _row(number, data, task, answers, changed)
        shown = task.show(data.row(number), folder, sample.id)
        samples.append(msgspec.structs.replace(sample, input=shown))
    return samples


def _score(
    variant: _Variant, baseline: _Variant, same: Sequence[bool], task: Task, judges: Sequence[Judge]
) -> VariantScore:
    before, after, none = baseline.outputs, variant.outputs, variant.nothing
    is_baseline = variant is baseline
    same_outputs = is_baseline or score.identical(before, after)
    if isinstance(task, TextGeneration):  # of whose answers only the tokens are compared above
        texts = (_likelihoods(side.answers) for side in (baseline, variant))
        same_outputs = same_outputs and equally_likely(*texts)
    scored = [score.score(it, variant.answers, same_outputs=same_outputs) for it in judges]
    near = None
    if not is_baseline:
        alike = (
            [task.in_order(*call) for call in zip(*calls, strict=True)]
            for calls in zip(before, after, strict=True)
        )
        near = agreement(before, alike, baseline.seen.names, task.compared, same, none)
        near = msgspec.structs.replace(near, with_=baseline.name, same=task.sameness)
    also = [
        FurtherScore(reduction=judge.metric.reduction, **its._asdict())
        for judge, its in zip(judges[1:], scored[1:], strict=True)
    ]
    return VariantScore(
        variant=variant.name,
        agreement=near,
        **scored[0]._asdict(),
        also=also,
        same_outputs=same_outputs,
        self_check=variant.seen.check,
        not_finite=len(none),
    )


def _with_objects(
    scored: VariantScore, answers: Mapping[str, score.Answers], task: Task, data: Judged
) -> VariantScore:
    """A variant's scores with the objects that it loses and gains; the baseline as it is."""
    baseline, variant = next(iter(answers.values())), answers[scored.variant]
    if variant is baseline:
        return scored
    references = data.references or None
    sides = baseline.predictions, variant.predictions
    changes = object_changes(*sides, references, task.class_name, task.sureness)
    return msgspec.structs.replace(scored, objects=changes)


def _likelihoods(answers: score.Answers) -> list[Likelihood]:
    return [prediction["likelihood"] for prediction in answers.predictions]


def _with_divergence(scored: VariantScore, answers: score.Answers) -> VariantScore:
    """A variant's scores with how far its predictions of tokens are from the baseline's."""
    return msgspec.structs.replace(scored, divergence=divergence_of(_likelihoods(answers)))


def _tell(variant_score: VariantScore, journal: Journal) -> None:
    value = msgspec.to_builtins(variant_score.accuracy)
    journal.write(
        events.Measured(
            time=time.time(), variant=variant_score.variant, what="accuracy", value=value
        )
    )


def _row(
    number: int,
    data: Judged,
    task: Task,
    answers: Mapping[str, score.Answers],
    changed: Sequence[bool],
) -> Sample:
    """A row with what every variant says of it; of its input, what is text."""
    baseline, references = next(iter(answers.values())), data.references
    row = data.row(number)
    said: dict[str, Prediction] = {}
    for name, given in answers.items():
        prediction = given.predictions[number]
        if number in given.none:
            said[name] = _NOTHING
        elif given is baseline:
            said[name] = task.describe(prediction)
        else:
            said[name] = task.describe_beside(prediction, baseline.predictions[number])
    return Sample(
        id=str(data.indices[number]),
        input=task.words(row),
        reference=None if references is None else task.name_reference(references[number]),
        predictions=said,
        changed=changed[number],
    )
