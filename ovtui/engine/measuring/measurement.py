"""Measures subjects under the machine's measurement lock, and tells the run folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import msgspec

from ovtui.core.machine.holders import Holder
from ovtui.core.machine.turns import measurement_lock
from ovtui.core.runs import events
from ovtui.core.runs.waiting import waiting_to_measure, works_beside
from ovtui.engine.measuring.benchmark import Measured, Processes, Schedule, Subject, measure
from ovtui.engine.measuring.load import load_warning
from ovtui.engine.processes.resources import ResourceWatch
from ovtui.engine.store.progress import Journal, Step


def measure_subjects(
    subjects: Sequence[Subject], schedule: Schedule, processes: Processes, journal: Journal
) -> dict[str, Measured]:
    """Measures speed, memory and executed precision, while nothing else is measured here.

    Args:
        subjects: what to measure, in turn.
        schedule: what of each, and for how long.
        processes: how the processes that measure come to be.
        journal: where progress, results and warnings go.

    Returns:
        What was measured, by the subjects' names.

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
        measured = measure(subjects, schedule, processes, progress)
    for name, subject_result in measured.items():
        for what, value in (
            ("latency", subject_result.latency),
            ("throughput", subject_result.throughput),
        ):
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
    has_said = False

    def waiting(holder: Holder) -> None:
        nonlocal has_said
        if not has_said:
            journal.warn(waiting_to_measure(holder))
        has_said = True

    return waiting
