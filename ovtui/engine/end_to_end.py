"""How long the whole way takes: from a row of data over the model to an answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import openvino as ov

from ovtui.core.locks import measurement_lock
from ovtui.core.result import Span, span_of
from ovtui.core.task import PIPELINES, WHOLE_MODEL
from ovtui.engine.data import Row
from ovtui.engine.inputs import bind
from ovtui.engine.specification import Evaluation
from ovtui.engine.tasks import Task

_LEAST = 5
_MOST_SECONDS = 1.0


def end_to_end(work: Evaluation, rows: Sequence[Row], task: Task) -> dict[str, Span]:
    """Milliseconds of each variant for preparing a row, inferring and reading the answer.

    Variants take turns row by row, one blocking request at a time, `PERFORMANCE_HINT=LATENCY`.

    Args:
        work: whose variants; nothing is timed where its recipe does not ask for latency,
            nor of pipelines, whose speed is measured that way anyhow.
        rows: usable rows of the evaluation data.
        task: turns rows into inputs, and outputs into answers.
    """
    plan = work.recipe.measure
    if not plan.latency or work.recipe.task in PIPELINES:
        return {}
    core = ov.Core()
    models = {
        item.variant: core.compile_model(
            item.models[WHOLE_MODEL],
            work.device,
            {"PERFORMANCE_HINT": "LATENCY", **item.properties},
        )
        for item in work.inferences
        if item.models
    }
    taken: dict[str, list[float]] = {name: [] for name in models}
    with measurement_lock():
        for model in models.values():
            _answer(model, rows[0], task)
        until = time.perf_counter() + min(_MOST_SECONDS, plan.seconds / 3) * len(models)
        number = 0
        while time.perf_counter() < until or number < _LEAST:
            for name, model in models.items():
                began = time.perf_counter()
                _answer(model, rows[number % len(rows)], task)
                taken[name].append((time.perf_counter() - began) * 1000)
            number += 1
    return {name: span_of(milliseconds) for name, milliseconds in taken.items()}


def _answer(model: Any, row: Row, task: Task) -> Any:
    calls = []
    for inputs in task.calls(row):
        results = model(bind(model.inputs, inputs))
        calls.append([np.array(results[port]) for port in model.outputs])
    return task.answer(task.prediction(calls))
