"""Whether a variant answers as the baseline does, asked of a few samples before all of them.

A model that compression broke is known within seconds so, not after an evaluation of hours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

import msgspec
import numpy as np

from ovtui.core.recipes.recipe import Property
from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.results.variant import FirstAgreement
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.rows import Rows
from ovtui.engine.data.spool import Arrays, Groups, Spool, SpoolWriter
from ovtui.engine.evaluation import score
from ovtui.engine.evaluation.agreement import without_numbers
from ovtui.engine.evaluation.infer import Written, afresh
from ovtui.engine.evaluation.likelihood import compare, reader_of
from ovtui.engine.store.cache import Cache
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Collected, read_info
from ovtui.engine.store.stage_work import FirstAnswers, Inference
from ovtui.engine.tasks import Task, reopen_task
from ovtui.engine.tasks.text import padding_of
from ovtui.engine.tasks.text_generation import TextGeneration

SAMPLES = 16
"""A variant that keeps eight answers in ten keeps less than half of so many once in 700 runs."""

_TOKENS = 33
"""Of each text, all but the first judged: 512 tell a collapse, and take seconds."""

_EXACT: dict[str, Property] = {
    "INFERENCE_PRECISION_HINT": "f32",
    "LP_TRANSFORMS_MODE": "NO",
    "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0",
}
"""Has the CPU plugin calculate in f32 with the values that FakeQuantize and stored weights give.
The second property is not documented: the plugin's `config.cpp` reads it."""

Infer = Callable[[FirstAnswers, Inference, Task, Spool], Iterator[Arrays]]
"""Yields a model's outputs for each sample, as an evaluation keeps them."""


def first_agreement(
    work: FirstAnswers, infer: Infer, out: Path, journal: Journal
) -> FirstAgreement:
    """Returns how alike the variant and the baseline answer the first samples.

    Those that the baseline answers with NaN or infinity do not count; one that only the variant
    does counts as 0. Where less than half is left, the same file is asked once more without the
    device's kernels for few bits, so that it is known whether these are to blame.

    Args:
        work: the two, and the samples.
        infer: of this kind of model.
        out: folder for the variant's outputs; the baseline's are kept for all variants.
        journal: where progress goes.

    Raises:
        SourceError: the device does not take a model.
    """
    task = reopen_task(work, read_info(Path(work.evaluation), Collected), work.classes)
    if isinstance(task, TextGeneration):
        agreement_of = partial(_of_tokens, work, task)
    else:
        agreement_of = partial(_of_answers, work, task, infer, journal)
    agreement = agreement_of(work.variant, out)
    if not agreement.collapsed:
        return agreement
    exact = msgspec.structs.replace(work.variant, properties={**work.variant.properties, **_EXACT})
    try:
        with TemporaryDirectory(dir=out) as folder:
            value = agreement_of(exact, Path(folder)).value
    except SourceError:  # a device that has no such properties
        return agreement
    return msgspec.structs.replace(agreement, in_floating_point=value)


def _of_tokens(
    work: FirstAnswers, task: TextGeneration, variant: Inference, _: Path
) -> FirstAgreement:
    """Share of the texts' tokens where both find the same one likeliest.

    What each writes by itself is another text from the first other token on, which says little.
    """
    before, after = (reader_of(it, work, work.device) for it in (work.baseline, variant))
    rows = Rows(Path(work.evaluation))
    samples = min(SAMPLES, len(rows))
    texts = (task.scored(rows[at])[:, :_TOKENS] for at in range(samples))
    same = np.concatenate([compare(before, after, text).same for text in texts])
    return FirstAgreement(samples=samples, value=float(same.mean()) if len(same) else 1.0)


def _of_answers(
    work: FirstAnswers,
    task: Task,
    infer: Infer,
    journal: Journal,
    variant: Inference,
    out: Path,
) -> FirstAgreement:
    """Mean of how much of each answer is left."""
    evaluation, cache = Path(work.evaluation), Cache(Path(work.cache), journal.warn)
    sizes, rows = read_info(evaluation, Collected).sizes[:SAMPLES], Rows(evaluation)
    samples = Spool(evaluation, "inputs", sum(sizes))
    if model := work.baseline.models.get(WHOLE_MODEL):
        task.look_at(Path(model), samples[0])

    def write(inference: Inference, folder: Path) -> None:
        outputs = infer(work, inference, task, samples)
        with SpoolWriter(folder, "outputs") as writer:
            for sample in journal.each(outputs, inference.variant, len(samples)):
                writer.append(sample)

    def answers(folder: Path) -> score.Answers:
        outputs = Groups(Spool(folder, "outputs"), sizes)
        return score.answers(task, outputs, lambda at: rows[at], without_numbers(outputs, ()))

    known = cache.find("outputs", work.baseline.key)
    if known is None:
        begun = cache.begin(journal.run, "outputs", work.baseline.key)
        write(work.baseline, begun)
        known = cache.commit(begun, "outputs", work.baseline.key)
    write(variant, out)
    return _agreement(task, answers(known), answers(out))


def _agreement(task: Task, before: score.Answers, after: score.Answers) -> FirstAgreement:
    counted = [at for at in range(len(before.predictions)) if at not in before.none]
    if not counted:
        return FirstAgreement(samples=0, value=1.0)  # which the evaluation refuses
    sides = ([it.predictions[at] for at in counted] for it in (before, after))
    alike = [
        0.0 if at in after.none else near
        for at, near in zip(counted, task.likeness(*sides), strict=True)
    ]
    said = [it for it in alike if it is not None]
    return FirstAgreement(samples=len(counted), value=fmean(said) if said else 1.0)


def outputs_of_graph(
    work: FirstAnswers, inference: Inference, task: Task, samples: Spool
) -> Iterator[Arrays]:
    """Yields what a graph answers to each sample.

    Args:
        work: whose device.
        inference: of the variant.
        task: says which outputs are read, and how texts are padded.
        samples: the first ones.

    Raises:
        SourceError: the device does not take the graph.
    """
    padding = padding_of(task, inference.bucket)
    path = Path(inference.models[WHOLE_MODEL])
    model = Written(path, work.device, inference.properties, padding)
    compiled = model.compiled("LATENCY")
    kept = range(len(compiled.outputs)) if task.evaluated is None else task.evaluated
    yield from afresh(model, compiled, samples, kept)
