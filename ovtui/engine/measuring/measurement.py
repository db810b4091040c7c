"""Measures subjects under the machine's measurement lock, and tells the run folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from ovtui.core.machine.holders import Holder
from ovtui.core.machine.turns import measurement_lock
from ovtui.core.runs import events
from ovtui.core.runs.waiting import waiting_to_measure, works_beside
from ovtui.engine.measuring.benchmark import Measured, Subject, load_warning, measure
from ovtui.engine.measuring.process import MeasureProcess
from ovtui.engine.processes.forking import ForkServer
from ovtui.engine.processes.resources import ResourceWatch
from ovtui.engine.store.progress import Journal, Step


def measure_subjects(
    subjects: Sequence[Subject],
    *,
    seconds: float,
    blocks: int,
    modes: Sequence[Any],
    batches: Sequence[int] = (),
    log: int,
    journal: Journal,
    server: ForkServer | None = None,
    started: Mapping[str, MeasureProcess] | None = None,
) -> dict[str, Measured]:
    """Measures speed, memory and executed precision of each subject, while nothing else is measured
    here.

    Args:
        subjects: what to measure, in turn.
        seconds: for each subject and mode.
        blocks: interleaved blocks that the seconds are divided into.
        modes: `latency`, `throughput`.
        batches: samples a request, for further measurements of throughput.
        log: file descriptor for what the processes print.
        journal: where progress, results and warnings go.
        server: forked for every subject, where it has imported what they need.
        started: as `measure` has it.

    Raises:
        MeasurementError: a subject cannot be read, compiled or executed.
        WorkerDied: a measuring process was killed or crashed.
    """
    steps: list[Step] = []
    memory = ResourceWatch(journal)

    def progress(name: str, done: int, total: int) -> None:
        if not steps:
            steps.append(journal.step("blocks", total))
        steps[0].set(done)
        memory.look()

    with measurement_lock(telling_once(journal)) as beside:
        if beside is not None:
            journal.warn(works_beside(beside))
        measured = measure(
            subjects,
            seconds=seconds,
            blocks=blocks,
            modes=modes,
            batches=batches,
            log=log,
            on_progress=progress,
            server=server,
            started=started,
        )
    for name, found in measured.items():
        for what, value in (("latency", found.latency), ("throughput", found.throughput)):
            if value is not None:
                plain = msgspec.to_builtins(value)
                journal.write(
                    events.Measured(time=time.time(), variant=name, what=what, value=plain)
                )
    if warning := load_warning(next(iter(measured.values())).others_cores):
        journal.warn(warning)
    return measured


def telling_once(journal: Journal) -> Callable[[Holder], None]:
    """Returns for who waits for the measurement lock a function that says so the first time it is
    called.
    """
    told = False

    def waiting(holder: Holder) -> None:
        nonlocal told
        if not told:
            journal.warn(waiting_to_measure(holder))
        told = True

    return waiting
