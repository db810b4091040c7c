"""What each component of a model is called with for a few samples."""

from __future__ import annotations

import time
from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np
import openvino as ov

from ovtui.engine.data.examples import load_samples
from ovtui.engine.data.spool import Arrays
from ovtui.engine.measuring.inputs import stored_samples, tensor_of
from ovtui.engine.measuring.messages import TOKENS
from ovtui.engine.measuring.race import OutOfTime
from ovtui.engine.measuring.replay import Call, Sequences
from ovtui.engine.store.layout import EXACT, baseline_of
from ovtui.engine.store.stage_work import Choosing, PipelineFiles

_SAMPLES = 3


def calls_of_graph(work: Choosing, component: str) -> Sequences:
    """Returns what a graph is called with for the first samples that speed is measured on.

    Args:
        work: of a variant that is one graph.
        component: its only one.
    """
    model = ov.Core().read_model(work.models[component])
    stored = stored_samples(model, _samples(work))[:_SAMPLES]
    return [[dict(enumerate(map(tensor_of, model.inputs, sample)))] for sample in stored]


def calls_in_pipeline(work: Choosing, component: str) -> Sequences:
    """Returns what a component is called with while the first samples are answered.

    The baseline answers them, in f32: components of all variants are called alike.

    Args:
        work: of a variant of a pipeline.
        component: one of its components.

    Raises:
        OutOfTime: that alone takes half of the time that there is.
    """
    conversion = Path(work.conversion)
    files = PipelineFiles(
        recipe=work.recipe,
        base=work.base,
        conversion=work.conversion,
        models={name: str(baseline_of(conversion, name)) for name in work.models},
    )
    return _recorded(msgspec.json.encode(files), _samples(work), work.seconds / 2)[component]


def _samples(work: Choosing) -> Path:
    return Path(work.evaluation) / "measured.npz"


@lru_cache(maxsize=1)  # variants follow each other in one process
def _recorded(described: bytes, samples: Path, seconds: float) -> dict[str, Sequences]:
    """The calls of each component while the pipeline answers the samples, in so many seconds."""
    until = time.monotonic() + seconds
    from ovtui.engine.pipelines.pipeline import WhenCalled, from_components

    files = msgspec.json.decode(described, type=PipelineFiles)
    how = EXACT | {"PERFORMANCE_HINT": "LATENCY"}
    compiled = {name: WhenCalled(path, "CPU", how) for name, path in files.models.items()}
    kept = {name: _Calls(until) for name in compiled}
    pipeline = from_components(files, compiled, kept)
    tokens = files.recipe.measure.tokens or TOKENS
    for sample in load_samples(samples)[:_SAMPLES]:
        pipeline.generate(sample, max_new_tokens=tokens, min_new_tokens=tokens)
    return {name: calls.sequences for name, calls in kept.items()}


class _Calls:
    """Keeps a component's first calls; see `components.swap.Watch`."""

    def __init__(self, until: float) -> None:
        self._until = until
        self.sequences: list[list[Call]] = []
        self._full = False

    def before(self, feed: Arrays, begins: bool) -> None:
        """Keeps a copy of what is no longer as in the last call.

        Raises:
            OutOfTime: there is no time for more calls.
        """
        if time.monotonic() > self._until:
            raise OutOfTime
        if begins:
            self._full = len(self.sequences) == _SAMPLES
        if self._full:
            return
        if begins:
            self.sequences.append([])
        sequence = self.sequences[-1]
        last = sequence[-1] if sequence else {}
        sequence.append({name: _as_before(array, last.get(name)) for name, array in feed.items()})

    def after(self, begins: bool, milliseconds: float) -> None:
        """Does nothing: time is no matter here."""


def _as_before(array: np.ndarray, last: object) -> np.ndarray:
    """The last call's array where it is equal, as the encoder's states are; a copy otherwise."""
    if isinstance(last, np.ndarray) and np.array_equal(array, last):
        return last
    return array.copy()
