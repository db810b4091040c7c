"""A graph's file with all of its requests at work, in one number of streams or another."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import openvino as ov

from ovtui.core.recipes.recipe import Property
from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.results.execution import BATCH
from ovtui.core.text.errors import SourceError
from ovtui.engine.measuring.channel import Failure
from ovtui.engine.measuring.inputs import Sample, batched, padded_texts, stored_samples
from ovtui.engine.measuring.messages import Block
from ovtui.engine.measuring.sweep import numbers_of_streams
from ovtui.engine.measuring.worker import Feed, Throughput
from ovtui.engine.models.openvino_errors import telling_line
from ovtui.engine.store.stage_work import Choosing

STREAMS = "NUM_STREAMS"
_BATCHES = (4, 16)
"""Samples in a request, where the model takes more than one."""


class Flow:
    """A compiled graph whose requests are all at work.

    Args:
        compiled: an `ov.CompiledModel`.
        samples: that requests take in turn.
        batch: samples of the data in each of these.
    """

    def __init__(self, compiled: ov.CompiledModel, samples: list[Sample], batch: int) -> None:
        self.compiled = compiled
        self._batch = batch
        self._throughput = Throughput(compiled, Feed(compiled, samples))

    def milliseconds(self, repeats: int = 1) -> float:
        """Infers so many samples at least, and returns the time that one takes."""
        least = math.ceil(repeats / self._batch)
        block = self._throughput.run(Block(seconds=0.0, min_count=least))
        return 1000 * block.seconds / (block.count * self._batch)


class ThroughputTrial:
    """What is tried for most samples a second.

    Args:
        work: of a variant that is one graph.
        chosen: properties that it is executed with whatever the number of streams.

    Raises:
        SourceError: the device does not take the file as it is.
    """

    def __init__(self, work: Choosing, chosen: Mapping[str, Property]) -> None:
        self._work, self._chosen = work, chosen
        self._core = ov.Core()
        self._samples = Path(work.evaluation) / "measured.npz"
        began = time.monotonic()
        try:
            self.default = self.way({})
        except RuntimeError as error:
            raise SourceError(f"{work.device}: {telling_line(error)}") from error
        self.compile_seconds = time.monotonic() - began
        self.chosen_by_device = self._streams | {BATCH: 1}

    @property
    def _streams(self) -> dict[str, Property]:
        """Nothing of a device without them."""
        try:
            return {STREAMS: int(self.default.compiled.get_property(STREAMS))}
        except RuntimeError:
            return {}

    @cached_property
    def values(self) -> dict[str, list[Property]]:
        """The values to try, by property."""
        values: dict[str, list[Property]] = {}
        if STREAMS in self._streams.keys() - self._work.properties.keys():
            usual = self.chosen_by_device[STREAMS]
            values[STREAMS] = [count for count in numbers_of_streams() if count != usual]
        if self._takes_batches:
            values[BATCH] = [*_BATCHES]
        return {key: tried for key, tried in values.items() if tried}

    def way(self, properties: Mapping[str, Property]) -> Flow:
        """Returns it as a candidate executes it.

        Raises:
            RuntimeError: the device does not take the properties.
        """
        batch = int(properties.get(BATCH, 1))
        model = self._core.read_model(self._work.models[WHOLE_MODEL])
        samples = stored_samples(model, self._samples)
        if self._work.bucket:
            samples = padded_texts(model, samples, self._work.bucket)
        if batch > 1:
            try:
                samples = batched(model, samples, batch)
            except Failure as failure:
                raise RuntimeError(str(failure)) from failure
        own = {key: value for key, value in properties.items() if key != BATCH}
        how = {"PERFORMANCE_HINT": "THROUGHPUT", **self._work.properties, **self._chosen, **own}
        return Flow(self._core.compile_model(model, self._work.device, how), samples, batch)

    def doubt(self, candidate: Flow) -> str:
        """Returns nothing: who calculates when changes no answer."""
        return ""

    @property
    def _takes_batches(self) -> bool:
        model = self._core.read_model(self._work.models[WHOLE_MODEL])
        try:
            batched(model, stored_samples(model, self._samples), min(_BATCHES))
        except (Failure, RuntimeError):
            return False
        return True
