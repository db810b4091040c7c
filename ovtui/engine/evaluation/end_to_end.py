"""How long the whole way takes: from a row of data over the model to an answer.

The same compilation, which is not the one that latency is measured of, tells what each operation
takes and calculates in.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from statistics import fmean
from typing import NamedTuple

import numpy as np
import openvino as ov
from msgspec import structs

from ovtui.core.machine.turns import measurement_lock
from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.results.operations import GraphProfile
from ovtui.core.results.speeds import Span, TextLengths, span_of
from ovtui.core.statistics.blocks import percentile
from ovtui.engine.data.inputs import bind
from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import Arrays
from ovtui.engine.evaluation.infer import one_at_a_time
from ovtui.engine.models.executed_operations import Taken, microseconds_of, profile_of
from ovtui.engine.models.executed_precision import executed_times, shares
from ovtui.engine.models.inference import answer
from ovtui.engine.models.padding import MASK, Padding, infer_padded, is_text, next_multiple
from ovtui.engine.store.stage_work import Evaluation, Inference
from ovtui.engine.tasks import Task
from ovtui.engine.tasks.text import padding_of

_LEAST = 3
# A median is all that is asked for: 100 answers of a model that takes 5 ms.
_MOST_SECONDS = 0.5


class Timed(NamedTuple):
    """What was seen of a variant on the whole way."""

    span: Span
    reading: Span
    """From outputs to an answer."""
    executed_precision: dict[str, float]
    """Share of the kernels' time by precision."""
    profile: GraphProfile | None
    """Its operations, where the device tells."""


def end_to_end(
    inference: Inference,
    work: Evaluation,
    rows: Sequence[Row],
    task: Task,
    compiled: ov.CompiledModel | None = None,
) -> Timed | None:
    """Times a variant in ms: preparing a row, inferring and reading the answer.

    One blocking request at a time, `PERFORMANCE_HINT=LATENCY`. Variants follow each other, so that
    no more than one is in memory: these are no figures to compare variants by.

    Args:
        inference: of the variant; nothing is timed of PyTorch.
        work: whose recipe and device, and whether anything is timed.
        rows: usable rows of the evaluation data.
        task: turns rows into inputs, and outputs into answers.
        compiled: the variant's model, where it is compiled for one sample at a time already.

    Returns:
        None where nothing is timed.
    """
    if not work.timed or not inference.models:
        return None
    seconds = min(_MOST_SECONDS, work.recipe.measure.seconds / 3)
    way = _Way(task, padding_of(task, inference.bucket))
    with measurement_lock():
        if compiled is not None:
            return _timed(compiled, rows, way, seconds, fresh=False)
        return _timed(_compiled(inference, work.device), rows, way, seconds, fresh=True)


def _compiled(inference: Inference, device: str) -> ov.CompiledModel:
    core = ov.Core()
    properties = {**one_at_a_time(core, device), **inference.properties}
    return core.compile_model(inference.models[WHOLE_MODEL], device, properties)


class _Way(NamedTuple):
    """From a row to an answer."""

    task: Task
    padding: Padding | None
    """Of texts."""

    def lengths(self, rows: Sequence[Row]) -> list[list[int]]:
        """Returns the tokens of each call that rows take, as they are padded; none of no texts."""
        calls = (self.task.calls(row) if self.padding else [] for row in rows)
        multiple = self.padding.bucket or 1 if self.padding else 1
        return [
            [next_multiple(it[MASK].shape[1], multiple) for it in each if is_text(it)]
            for each in calls
        ]

    def answer(self, request: ov.InferRequest, row: Row, inferred: list[float]) -> float:
        """Finds what the model says of a row; returns the ms that reading its outputs took.

        Args:
            request: of the model.
            row: of the data.
            inferred: the ms of each inference are added to it.
        """
        inputs, outputs = request.model_inputs, request.model_outputs

        def infer(sample: Arrays) -> list[np.ndarray]:
            answered = answer(request, bind(inputs, sample))
            inferred.append(request.latency)
            return answered

        calls = [infer_padded(infer, it, outputs, self.padding) for it in self.task.calls(row)]
        began = time.perf_counter()
        self.task.answer(self.task.within(row, self.task.prediction(calls)))
        return (time.perf_counter() - began) * 1000


def _timed(
    model: ov.CompiledModel, rows: Sequence[Row], way: _Way, seconds: float, *, fresh: bool
) -> Timed:
    """Times answers after a first one, which of a fresh model takes operations longer, too."""
    request = model.create_infer_request()
    first: list[float] = []
    inferred: list[float] = []
    way.answer(request, rows[0], first)
    first_us = microseconds_of(model) if fresh else []
    lengths = way.lengths(rows)
    seen: list[list[int]] = []
    taken: list[float] = []
    read: list[float] = []

    def take(at: int) -> None:
        began = time.perf_counter()
        read.append(way.answer(request, rows[at], inferred))
        taken.append((time.perf_counter() - began) * 1000)
        seen.append(lengths[at])

    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(taken) < _LEAST:
        take(len(taken) % len(rows))
    if any(lengths) and len(taken) <= len(rows):  # a slow model has seen no length again
        for at in range(min(_LEAST, len(rows))):
            take(at)
    span = structs.replace(span_of(taken), lengths=lengths_of(lengths[0], seen, taken))
    calls = len(inferred) / len(taken)
    profile = profile_of(model, WHOLE_MODEL, Taken(inferred, calls, len(first), first_us))
    return Timed(span, span_of(read), shares(executed_times(model)), profile)


def lengths_of(
    first: Sequence[int], answered: Sequence[Sequence[int]], taken: Sequence[float]
) -> TextLengths | None:
    """Returns what answers to texts took by whether their length was new.

    Args:
        first: tokens of the row that was answered before all others, for each of its calls.
        answered: the same for every answer; no calls of what is no text.
        taken: ms of the answers.

    Returns:
        None where all lengths are equal, or no answer was to a new length, or to none.
    """
    seen = set(first)
    new: list[float] = []
    repeated: list[float] = []
    for lengths, milliseconds in zip(answered, taken, strict=True):
        (repeated if seen.issuperset(lengths) else new).append(milliseconds)
        seen.update(lengths)
    if not new or not repeated:
        return None
    return TextLengths(
        tokens=fmean(map(sum, answered)),
        distinct=len(seen),
        new_ms=percentile(sorted(new), 50),
        repeated_ms=percentile(sorted(repeated), 50),
    )
