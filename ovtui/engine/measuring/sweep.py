"""Throughput at every combination of streams, batch and threads, all subjects in turn at each."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, MutableSequence
from contextlib import contextmanager

from ovtui.core.machine.machine import cores
from ovtui.core.recipes import recipe
from ovtui.core.recipes.recipe import Property
from ovtui.core.results.sweep import RefusedPoint, Setting, Sweep, SweepPoint
from ovtui.core.statistics.blocks import percentile
from ovtui.engine.measuring.messages import Block, Loaded, ThroughputBlock
from ovtui.engine.measuring.process import (
    OPENVINO,
    MeasurementError,
    MeasureProcess,
    Subject,
    WorkerDied,
)

BLOCKS = 4
"""Of each point: three at least for an interval that says something, and one to spare."""
_MIN_COUNT = 3

Start = Callable[[Subject], MeasureProcess]
Advance = Callable[[MeasureProcess], None]


def settings_of(asked: recipe.Sweep) -> list[Setting]:
    """Returns the combinations to measure, those with few streams and small batches first.

    Args:
        asked: of the recipe; without streams, powers of two up to the cores and their number.
    """
    threads: list[int | None] = [*sorted(set(asked.threads))] or [None]
    streams = sorted(set(asked.streams or numbers_of_streams()))
    return [
        Setting(streams=count, batch=batch, threads=number)
        for number, batch, count in itertools.product(threads, sorted(set(asked.batches)), streams)
    ]


def numbers_of_streams() -> list[int]:
    """Returns those that are worth trying: powers of two up to the cores, and their number."""
    return sorted({1 << power for power in range(cores().bit_length())} | {cores()})


def steps_of(asked: recipe.Sweep, subjects: int) -> int:
    """Returns how often progress is told: for each load and block of so many subjects."""
    return len(settings_of(asked)) * subjects * (1 + BLOCKS)


def run_sweep(
    asked: recipe.Sweep,
    processes: MutableSequence[MeasureProcess],
    start: Start,
    advance: Advance,
) -> dict[str, Sweep]:
    """Measures every setting, the subjects in turn block by block, of what OpenVINO runs.

    A setting that a subject cannot be executed with is noted with the reason, and the others go
    on: a batch may take more memory than there is, and end the process.

    Args:
        asked: the settings, the limit, and seconds for each point.
        processes: of the subjects; one that ended is replaced.
        start: starts another process for a subject.
        advance: called after each load and block.

    Returns:
        What was measured, by the subjects' names.
    """
    places = [at for at, process in enumerate(processes) if process.subject.worker == OPENVINO]
    points: dict[str, list[SweepPoint]] = {processes[at].subject.name: [] for at in places}
    refused: dict[str, list[RefusedPoint]] = {name: [] for name in points}
    for setting in settings_of(asked):
        tries = []
        for at in places:
            tried = _Try(processes[at], setting)
            tried.load()
            advance(processes[at])
            tries.append(tried)
        for number in range(BLOCKS):
            for tried in _from(number, tries):
                tried.block(asked.seconds / BLOCKS)
                advance(tried.process)
        for at, tried in zip(places, tries, strict=True):
            name = tried.process.subject.name
            if tried.why:
                refused[name].append(RefusedPoint(setting=setting, why=tried.why))
            else:
                points[name].append(tried.point())
            if tried.process.is_gone:
                processes[at] = start(tried.process.subject)
    return {
        name: Sweep(points=points[name], refused=refused[name], latency_ms=asked.latency_ms)
        for name in points
    }


def _from(number: int, tries: list[_Try]) -> Iterator[_Try]:
    """Another one first in each round, so that none always follows the same."""
    first = number % len(tries)
    return itertools.chain(tries[first:], tries[:first])


class _Try:
    """One subject at one setting."""

    def __init__(self, process: MeasureProcess, setting: Setting) -> None:
        self.process = process
        self.why = ""
        """Why it cannot be measured; empty as long as it can."""
        self._setting = setting
        self._loaded: Loaded
        self._blocks: list[ThroughputBlock] = []

    def load(self) -> None:
        properties: dict[str, Property] = {"NUM_STREAMS": self._setting.streams}
        if self._setting.threads is not None:
            properties["INFERENCE_NUM_THREADS"] = self._setting.threads
        with self._noting_why():
            self._loaded = self.process.load("throughput", self._setting.batch, properties)

    def block(self, seconds: float) -> None:
        """Measures one block, unless this was given up already."""
        if self.why:
            return
        command = Block(seconds=seconds, min_count=_MIN_COUNT, timed=True)
        with self._noting_why():
            self._blocks.append(self.process.ask(ThroughputBlock, command))

    @contextmanager
    def _noting_why(self) -> Iterator[None]:
        try:
            yield
        except (MeasurementError, WorkerDied) as error:
            self.why = str(error).removeprefix(f"{self.process.subject.name}: ")

    def point(self) -> SweepPoint:
        """Returns what all blocks come to."""
        batch = self._setting.batch
        times = sorted(value for block in self._blocks for value in block.latencies_ms)
        seconds = math.fsum(block.seconds for block in self._blocks)
        return SweepPoint(
            setting=self._setting,
            samples_per_second=batch * sum(block.count for block in self._blocks) / seconds,
            p50_ms=percentile(times, 50),
            p90_ms=percentile(times, 90),
            requests=self._loaded.requests,
            seconds=seconds,
            blocks_per_second=[batch * block.count / block.seconds for block in self._blocks],
        )
