"""Measures variants side by side: one process each, in short interleaved blocks."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import NotRequired, TypedDict

from ovtui.core.recipes import recipe
from ovtui.core.recipes.recipe import Property
from ovtui.core.results.operations import GraphProfile
from ovtui.core.results.speeds import (
    BatchThroughput,
    Latency,
    RealLengths,
    Span,
    Throughput,
    span_of,
)
from ovtui.core.results.sweep import Sweep
from ovtui.engine.measuring.blocks import latency_of, real_lengths_of, throughput_of
from ovtui.engine.measuring.load import cpu_times, load_of_others
from ovtui.engine.measuring.messages import (
    MODES,
    Block,
    LatencyBlock,
    Loaded,
    Mode,
    Profile,
    Profiled,
    Ready,
    Real,
    RealAnswer,
    ThroughputBlock,
    Unload,
    Unloaded,
)
from ovtui.engine.measuring.process import (
    OPENVINO,
    MeasurementError,
    MeasureProcess,
    Subject,
    WorkerDied,
)
from ovtui.engine.measuring.sweep import run_sweep, steps_of
from ovtui.engine.processes.forking import ForkServer

__all__ = [
    "MODES",
    "Measured",
    "MeasurementError",
    "Mode",
    "Processes",
    "Schedule",
    "Subject",
    "WorkerDied",
    "measure",
]

MIN_COUNT = 3
"""Inferences in a block at least, however slow the model."""
MOST_REAL = 100
"""Evaluation samples that are answered at their own length, at most."""

Progress = Callable[[str, int, int], None]
"""Called after each step with the subject's name, the steps done and those in total."""


class Execution(TypedDict):
    """How a subject was compiled and executed."""

    inference_precision: str
    """As compiled."""
    requested: Mapping[str, Property]
    hint: Mode
    devices: list[str]
    requests: dict[Mode, int]
    """In parallel."""
    shapes: Mapping[str, list[int | None]]
    """Of the inputs over all samples; None for a size that varies."""
    framework: NotRequired[str]
    """What ran it, where that is not OpenVINO."""
    threads: NotRequired[int]


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of one subject."""

    latency: Latency | None
    end_to_end: Span | None
    """Of a pipeline: with preparing a sample and reading the answer."""
    real_lengths: RealLengths | None
    throughput: Throughput | None
    batched: list[BatchThroughput]
    sweep: Sweep | None
    read_ms: float
    compile_ms: float
    """This, the first inference and the peak of memory are those of the first mode measured."""
    first_inference_ms: float
    peak_rss_bytes: int
    executed_precision: dict[str, float]
    """Share of time by precision; `f32/w8` is floating point with compressed weights."""
    profiles: list[GraphProfile]
    """Its operations, where the subject did not say what it is executed in."""
    execution: Execution
    others_cores: float
    """Cores that processes other than the measuring ones used meanwhile."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is measured of each subject, and for how long."""

    seconds: float
    """For each mode, divided over the blocks."""
    blocks: int
    """Short blocks, interleaved A B C, B C A, …"""
    modes: Sequence[Mode] = MODES
    """In this order."""
    batches: Sequence[int] = ()
    """Then throughput with so many samples a request, of what OpenVINO runs."""
    sweep: recipe.Sweep | None = None
    """Then throughput over streams, samples a request and threads, likewise."""
    profile: bool = True
    """Also the operations and their share of time by precision, where the subject does not say,
    with a compilation of its own."""


@dataclass(frozen=True, slots=True)
class Processes:
    """How the processes that measure come to be."""

    log: int | None = None
    """Descriptor for what they and their libraries print."""
    server: ForkServer | None = None
    """Forked for every subject, where it has imported what they need."""
    started: Mapping[str, MeasureProcess] = field(default_factory=dict)
    """Those that are ready, by their subjects' names; they end here too."""


_NEW = Processes()
"""An interpreter for each, whose output is kept in case that it fails."""


def measure(
    subjects: Sequence[Subject],
    schedule: Schedule,
    processes: Processes = _NEW,
    on_progress: Progress | None = None,
) -> dict[str, Measured]:
    """Measures subjects in turn, one process at a time, and ends every process on the way out.

    Args:
        subjects: their names are the keys of the result.
        schedule: what is measured, and for how long.
        processes: how processes come to be.
        on_progress: see `Progress`.

    Raises:
        MeasurementError: a subject cannot be read, compiled or executed.
        WorkerDied: a process was killed or crashed.
    """
    blocks, seconds = schedule.blocks, schedule.seconds
    able = sum(subject.worker == OPENVINO for subject in subjects)
    batching = able * len(schedule.batches)
    unknown = [it.name for it in subjects if schedule.profile and not it.executed_precision]
    steps = (len(subjects) * len(schedule.modes) + batching) * (1 + blocks) + len(unknown)
    if schedule.sweep is not None:
        steps += steps_of(schedule.sweep, able)
    with ExitStack() as stack:

        def start(subject: Subject) -> MeasureProcess:
            process = MeasureProcess(subject, processes.log, processes.server)
            stack.callback(process.kill)
            return process

        working = []
        for subject in subjects:
            if ready := processes.started.get(subject.name):
                stack.callback(ready.kill)
            working.append(ready or start(subject))
        for process in working:
            if process not in processes.started.values():
                process.receive(Ready)
        pids = [process.pid for process in working]
        before = cpu_times(pids)
        session = _Session(working, on_progress or (lambda name, done, total: None), steps)
        for mode in schedule.modes:
            session.run(mode, seconds / blocks, blocks)
            if mode == "latency":
                session.run_real(seconds)
        for batch in schedule.batches:
            session.run_batched(batch, seconds / blocks, blocks)
        if schedule.sweep is not None:
            session.run_sweep(schedule.sweep, start)
        others = load_of_others(before, cpu_times(pids))
        if unknown:
            session.profile(unknown)
    return {subject.name: session.measured(subject, others) for subject in subjects}


class _Session:
    """The replies of all processes so far."""

    def __init__(self, processes: list[MeasureProcess], on_progress: Progress, steps: int) -> None:
        self._processes = processes
        self._on_progress = on_progress
        self._steps = steps
        self._done = 0
        self._loaded: dict[tuple[str, Mode], Loaded] = {}
        self._latencies: dict[str, list[LatencyBlock]] = {}
        self._counts: dict[str, list[ThroughputBlock]] = {}
        self._real: dict[str, list[RealAnswer]] = {}
        self._profiled: dict[str, Profiled] = {}
        self._batched: dict[str, list[BatchThroughput]] = {}
        self._swept: dict[str, Sweep] = {}

    def run(self, mode: Mode, seconds: float, blocks: int) -> None:
        # Compiling takes memory that is free again afterwards: PyTorch, which keeps all, is last.
        for process in sorted(self._processes, key=lambda it: it.subject.worker != OPENVINO):
            busy = process.subject.busy_properties if mode == "throughput" else {}
            self._loaded[process.subject.name, mode] = process.load(mode, properties=busy)
            self._advance(process)
        for number in range(blocks):
            first = number % len(self._processes)
            for process in (*self._processes[first:], *self._processes[:first]):
                self._block(process, mode, seconds)
                self._advance(process)

    def run_real(self, seconds: float) -> None:
        """Answers of pipelines at their own length: sample after sample, by all of them in turn.

        Until one has taken so many seconds, so that all answer the same samples.
        """
        names = [process.subject.name for process in self._processes]
        able = min(self._loaded[name, "latency"].real for name in names)
        spent = dict.fromkeys(names, 0.0)
        for number in range(min(able, MOST_REAL)):
            if number >= MIN_COUNT and max(spent.values()) >= seconds * 1000:
                break
            first = number % len(names)
            for process in (*self._processes[first:], *self._processes[:first]):
                name = process.subject.name
                answered = process.ask(RealAnswer, Real(sample=number))
                self._real.setdefault(name, []).append(answered)
                spent[name] += answered.milliseconds
                self._on_progress(name, self._done, self._steps)  # alive, none of the blocks

    def run_batched(self, batch: int, seconds: float, blocks: int) -> None:
        """Throughput in samples, interleaved as the other modes are."""
        processes = [p for p in self._processes if p.subject.worker == OPENVINO]
        command = Block(seconds=seconds, min_count=MIN_COUNT)
        loaded, counts = {}, {}
        for process in processes:
            loaded[process.subject.name] = process.load("throughput", batch)
            counts[process.subject.name] = list[ThroughputBlock]()
            self._advance(process)
        for number in range(blocks):
            first = number % len(processes)
            for process in (*processes[first:], *processes[:first]):
                block = process.ask(ThroughputBlock, command)
                counts[process.subject.name].append(block)
                self._advance(process)
        for name, batches in counts.items():
            rates = [batch * block.count / block.seconds for block in batches]
            taken = math.fsum(block.seconds for block in batches)
            self._batched.setdefault(name, []).append(
                BatchThroughput(
                    batch=batch,
                    samples_per_second=batch * sum(block.count for block in batches) / taken,
                    requests=loaded[name].requests,
                    seconds=taken,
                    blocks_per_second=rates,
                )
            )

    def run_sweep(self, asked: recipe.Sweep, start: Callable[[Subject], MeasureProcess]) -> None:
        """Throughput at each setting of a sweep; a process that ends of one is started anew."""

        def start_ready(subject: Subject) -> MeasureProcess:
            process = start(subject)
            process.receive(Ready)
            return process

        for process in self._processes:  # alone it says nothing of compiling and memory
            if not any(name == process.subject.name for name, _ in self._loaded):
                self._loaded[process.subject.name, "throughput"] = process.load("throughput")
        self._swept = run_sweep(asked, self._processes, start_ready, self._advance)

    def profile(self, names: Collection[str]) -> None:
        """A compilation of its own takes memory: every other model is let go of before."""
        for process in self._processes:
            process.ask(Unloaded, Unload())
        for process in self._processes:
            if process.subject.name not in names:
                continue
            self._profiled[process.subject.name] = process.ask(Profiled, Profile())
            process.kill()
            self._advance(process)

    def measured(self, subject: Subject, others_cores: float) -> Measured:
        name = subject.name
        by_mode = {mode: loaded for (of, mode), loaded in self._loaded.items() if of == name}
        first = next(iter(by_mode.values()))
        blocks = self._latencies.get(name, [])
        latency = latency_of(blocks, first.tokens) if blocks else None
        whole = [value for block in blocks for value in block.end_to_end_ms]
        throughput = None
        if name in self._counts:
            throughput = throughput_of(self._counts[name], by_mode["throughput"])
        profiled = self._profiled.get(name, Profiled())
        return Measured(
            latency=latency,
            end_to_end=span_of(whole) if whole else None,
            real_lengths=real_lengths_of(self._real[name]) if name in self._real else None,
            throughput=throughput,
            batched=self._batched.get(name, []),
            sweep=self._swept.get(name),
            read_ms=first.read_ms,
            compile_ms=first.compile_ms,
            first_inference_ms=first.first_inference_ms,
            peak_rss_bytes=first.peak_rss_bytes,
            executed_precision=subject.executed_precision or profiled.executed_precision,
            profiles=profiled.profiles,
            execution=_execution(subject, by_mode),
            others_cores=others_cores,
        )

    def _block(self, process: MeasureProcess, mode: Mode, seconds: float) -> None:
        name = process.subject.name
        command = Block(seconds=seconds, min_count=MIN_COUNT)
        if mode == "latency":
            block = process.ask(LatencyBlock, command)
            self._latencies.setdefault(name, []).append(block)
        else:
            count = process.ask(ThroughputBlock, command)
            self._counts.setdefault(name, []).append(count)

    def _advance(self, process: MeasureProcess) -> None:
        self._done += 1
        self._on_progress(process.subject.name, self._done, self._steps)


def _execution(subject: Subject, by_mode: Mapping[Mode, Loaded]) -> Execution:
    mode, first = next(iter(by_mode.items()))
    execution = Execution(
        inference_precision=first.inference_precision,
        requested=subject.properties,
        hint=mode,
        devices=first.execution_devices,
        requests={mode: loaded.requests for mode, loaded in by_mode.items()},
        shapes=first.shapes,
    )
    if first.framework:
        execution["framework"] = first.framework
    if first.threads:
        execution["threads"] = first.threads
    return execution
