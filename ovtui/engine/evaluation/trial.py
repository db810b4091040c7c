"""Metrics tried on two samples before anything long, so that a mistake in one is told early."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import openvino as ov

from ovtui.core.task import PIPELINES, WHOLE_MODEL
from ovtui.engine.data.inputs import bind
from ovtui.engine.data.spool import Groups, Spool
from ovtui.engine.evaluation import score
from ovtui.engine.evaluation.judge import Judge
from ovtui.engine.evaluation.metrics import metrics_of
from ovtui.engine.layout import F32, baseline_of
from ovtui.engine.specification import Collected, Trial, Tried
from ovtui.engine.tasks import Task, reopen_task

_SAMPLES = 2


def try_metrics(work: Trial) -> Tried:
    """Have every metric judge the baseline's answers to the first samples.

    Of a pipeline, which takes seconds to load, the right answers stand for the baseline's: both
    are texts.

    Raises:
        SourceError: a metric does not fit what the model says, raises, or gives no scores.
    """
    evaluation, base = Path(work.evaluation), Path(work.base)
    collected = msgspec.json.decode((evaluation / "info.json").read_bytes(), type=Collected)
    task = reopen_task(work.recipe, collected, base, work.classes)
    count = min(_SAMPLES, len(collected.indices))
    kept = evaluation / "references.json"
    references: list[Any] = [None] * count
    if kept.exists():
        references = score.read_references(evaluation)[:count]
    if work.recipe.task in PIPELINES:
        said: list[Any] = [{"text": _first(it), "tokens": []} for it in references]
    else:
        groups = Groups(Spool(evaluation, "inputs"), collected.sizes[:count])
        said = _answers(task, baseline_of(Path(work.conversion), WHOLE_MODEL), groups)
    metrics = metrics_of(work.recipe, base)
    for metric in metrics:
        Judge(task, metric, said, references).measure(said)
    return Tried(metrics=[metric.name for metric in metrics])


def _answers(task: Task, model: Path, samples: Groups) -> list[Any]:
    """What the baseline says, in f32 on the CPU."""
    compiled = ov.Core().compile_model(model, "CPU", F32)
    found: list[Any] = []
    for calls in samples:
        if not found:
            task.look_at(model, calls[0])
        outputs = []
        for inputs in calls:
            results = compiled(bind(compiled.inputs, inputs))
            outputs.append([np.array(results[port]) for port in compiled.outputs])
        found.append(task.prediction(outputs))
    return found


def _first(reference: str | Sequence[str]) -> str:
    return reference if isinstance(reference, str) else str(reference[0])
