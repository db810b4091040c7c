"""Metrics tried on two samples before anything long, so that a mistake in one is told early.

So is a model that answers with no numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov

from ovtui.core.text.errors import SourceError
from ovtui.engine.data.rows import Rows
from ovtui.engine.data.spool import Groups, Spool
from ovtui.engine.evaluation.judge import Judge
from ovtui.engine.evaluation.metrics import metrics_of
from ovtui.engine.models.inference import infer_calls
from ovtui.engine.store.layout import F32
from ovtui.engine.store.stage_output import Collected, Tried, read_info, read_references
from ovtui.engine.store.stage_work import Trial
from ovtui.engine.tasks import Task, reopen_task

_SAMPLES = 2
_MOST = 64
"""Samples that are looked at for two that are answered with numbers."""


def try_metrics(work: Trial) -> Tried:
    """Lets every metric judge the baseline's answers to the first samples.

    Raises:
        SourceError: a metric does not fit what the model says, raises, or gives no scores.
    """
    evaluation = Path(work.evaluation)
    collected = read_info(evaluation, Collected)
    task = reopen_task(work, collected, work.classes)
    references = read_references(evaluation) or [None] * len(collected.indices)
    if work.model is None:
        references = references[:_SAMPLES]
        said: list[Any] = [{"text": _first(reference), "tokens": []} for reference in references]
    else:
        answers = _answers(task, Path(work.model), collected, work)
        references = [references[position] for position in answers]
        said = list(answers.values())
    metrics = metrics_of(work)
    for metric in metrics:
        Judge(task, metric, said, references).measure(said)
    return Tried(metrics=[metric.name for metric in metrics])


def _answers(task: Task, model: Path, collected: Collected, work: Trial) -> dict[int, Any]:
    """What the baseline says of the first samples that it answers with numbers, by position.

    Raises:
        SourceError: it answers none of many so.
    """
    compiled = ov.Core().compile_model(model, "CPU", F32)
    calls = Groups(Spool(Path(work.evaluation), "inputs"), collected.sizes)
    task.look_at(model, calls[0][0])
    answers: dict[int, Any] = {}
    rows = Rows(Path(work.evaluation))
    tried = min(_MOST, len(calls))
    for position in range(tried):
        outputs = infer_calls(compiled, calls[position])
        if all(np.isfinite(it).all() for call in outputs for it in call if it.dtype.kind == "f"):
            answers[position] = task.within(rows[position], task.prediction(outputs))
        if len(answers) == _SAMPLES:
            break
    if not answers:
        raise SourceError(
            f"the model answers every one of the first {tried} samples of {collected.dataset} with "
            "NaN or infinity; check its weights, and that the data are preprocessed as it expects"
        )
    return answers


def _first(reference: str | Sequence[str]) -> str:
    return reference if isinstance(reference, str) else str(reference[0])
