"""How long the whole way takes: from a row of data over the model to an answer.

The same compilation tells what precision the kernels calculate in.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import openvino as ov

from ovtui.core.locks import measurement_lock
from ovtui.core.result import Span, span_of
from ovtui.core.task import PIPELINES, WHOLE_MODEL
from ovtui.engine.data import Row
from ovtui.engine.executed_precision import counting, executed_times, shares
from ovtui.engine.inputs import bind
from ovtui.engine.specification import Evaluation, Inference
from ovtui.engine.tasks import Task

_LEAST = 3
# A median is all that is asked for: 100 answers of a model that takes 5 ms.
_MOST_SECONDS = 0.5


class Timed(NamedTuple):
    """What was seen of a variant on the whole way."""

    span: Span
    executed_precision: dict[str, float]
    """Share of the kernels' time by precision."""


def end_to_end(work: Evaluation, rows: Sequence[Row], task: Task) -> dict[str, Timed]:
    """Milliseconds of each variant for preparing a row, inferring and reading the answer.

    One blocking request at a time, `PERFORMANCE_HINT=LATENCY`. Variants follow each other, so that
    no more than one is in memory: these are no figures to compare variants by.

    Args:
        work: whose variants; nothing is timed where its recipe does not ask for latency,
            nor of pipelines, whose speed is measured that way anyhow.
        rows: usable rows of the evaluation data.
        task: turns rows into inputs, and outputs into answers.
    """
    plan = work.recipe.measure
    if not plan.latency or work.recipe.task in PIPELINES:
        return {}
    seconds = min(_MOST_SECONDS, plan.seconds / 3)
    with measurement_lock():
        return {
            item.variant: _timed(item, work.device, rows, task, seconds)
            for item in work.inferences
            if item.models
        }


def _timed(item: Inference, device: str, rows: Sequence[Row], task: Task, seconds: float) -> Timed:
    core = ov.Core()
    fixed = {"PERFORMANCE_HINT": "LATENCY", **counting(core, device)}
    model = core.compile_model(item.models[WHOLE_MODEL], device, {**fixed, **item.properties})
    _answer(model, rows[0], task)
    taken: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(taken) < _LEAST:
        began = time.perf_counter()
        _answer(model, rows[len(taken) % len(rows)], task)
        taken.append((time.perf_counter() - began) * 1000)
    return Timed(span_of(taken), shares(executed_times(model)))


def _answer(model: Any, row: Row, task: Task) -> Any:
    calls = []
    for inputs in task.calls(row):
        results = model(bind(model.inputs, inputs))
        calls.append([np.array(results[port]) for port in model.outputs])
    return task.answer(task.prediction(calls))
