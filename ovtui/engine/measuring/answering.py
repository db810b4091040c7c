"""A pipeline's answers to the evaluation's samples, from processes that then measure its speed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from ovtui.core.machine.turns import measurement_lock
from ovtui.engine.measuring.measurement import telling_once
from ovtui.engine.measuring.messages import Answer, Answered, Ready
from ovtui.engine.measuring.process import MeasureProcess, Subject
from ovtui.engine.processes.forking import ForkServer
from ovtui.engine.processes.resources import ResourceWatch
from ovtui.engine.store.cache import Cache
from ovtui.engine.store.layout import CHECK, EXECUTED, OPERATIONS
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_work import Inference


class Answering:
    """Processes that have answered, each with its variant's pipeline still loaded.

    Args:
        cache: where answers are kept.
        log: descriptor for what the processes print.
        keep: leave them running until the end of the `with` block.
    """

    def __init__(self, cache: Cache, log: int, *, keep: bool) -> None:
        self._cache = cache
        self._log = log
        self._keep = keep
        self._processes: dict[str, MeasureProcess] = {}

    @property
    def processes(self) -> dict[str, MeasureProcess]:
        """The processes that live, by variant; who needs one that was killed starts it anew."""
        return {name: process for name, process in self._processes.items() if not process.is_gone}

    def __enter__(self) -> Answering:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes.values():
            process.kill()

    def answer(
        self,
        inferences: Sequence[Inference],
        subjects: Mapping[str, Subject],
        samples: Path,
        journal: Journal,
        server: ForkServer | None,
    ) -> int:
        """Has each variant answer all samples, unless the cache has its answers; keeps them there.

        Args:
            inferences: the variants, and the keys of their answers.
            subjects: how each is loaded.
            samples: the evaluation's folder, with the spool `inputs`.
            journal: where progress goes.
            server: forked for every process, where it has imported what they need.

        Returns:
            Largest peak of a process's memory, in bytes.

        Raises:
            MeasurementError: a variant cannot be read, compiled or executed.
            WorkerDied: a process was killed or crashed.
        """
        peaks = [0]
        memory = ResourceWatch(journal)
        for inference in inferences:
            if self._cache.find("outputs", inference.key):
                continue
            process = MeasureProcess(subjects[inference.variant], self._log, server, memory.look)
            self._processes[inference.variant] = process
            process.receive(Ready)
            with measurement_lock(telling_once(journal)):  # loading is timed
                process.load("latency")
            folder = self._cache.begin(journal.run, "outputs", inference.key)
            command = Answer(
                samples=str(samples),
                out=str(folder),
                run=str(journal.run.folder),
                stage=journal.stage,
                variant=inference.variant,
            )
            answered = process.ask(Answered, command)
            peaks.append(answered.peak_rss_bytes)
            (folder / EXECUTED).write_bytes(msgspec.json.encode(answered.executed_precision))
            (folder / OPERATIONS).write_bytes(msgspec.json.encode(answered.profiles))
            if answered.self_check:
                (folder / CHECK).write_bytes(msgspec.json.encode(answered.self_check))
            self._cache.commit(folder, "outputs", inference.key)
            if not self._keep:
                self._processes.pop(inference.variant).kill()
        return max(peaks)
