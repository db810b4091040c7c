"""Does the stages of a run, each in a process of its own, or finds them done."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from ovtui.core.home import directories
from ovtui.core.results.result import StageTime
from ovtui.core.runs import events
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.stage_kind import StageKind
from ovtui.engine.measuring.benchmark import WorkerDied
from ovtui.engine.processes.forking import ForkServer
from ovtui.engine.processes.process import QUIET, Finished, StageFailed, StageProcess, run_together
from ovtui.engine.run.stage_keys import Stage
from ovtui.engine.store.cache import Cache
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import read_info
from ovtui.engine.store.stage_work import STAGES, Conversion, PipelineFiles, Specification, Work

T = TypeVar("T")


class Runner:
    """Does the stages of one run, or finds them done.

    Args:
        run: whose stages.
        journal: where events go.
        log: descriptor for what processes print.
        pipeline: what the run is about, where transformers has its model.
    """

    def __init__(
        self, run: Run, journal: Journal, log: int, pipeline: PipelineFiles | None = None
    ) -> None:
        self._pipeline = pipeline
        self._server: ForkServer | None = None
        self.run = run
        self.journal = journal
        self.log = log
        self.cache = Cache(directories.home() / "cache", journal.warn)
        self._stages = run.folder / STAGES
        self._stages.mkdir(exist_ok=True)
        self._owner = self.cache.own(run)
        self.cache.remove_leftovers()
        self._times: dict[str, StageTime | None] = {}
        self.used: list[Path] = []
        """Folders of the cache that this run took or made: these are not pruned."""
        self._warm: dict[str, StageProcess] = {}

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *_: object) -> None:
        self.end_server()
        for process in self._warm.values():
            process.kill()
        self._owner.path.unlink(missing_ok=True)
        self._owner.release()

    def warm(self, stage: str, kind: StageKind, also: Sequence[str] = ()) -> None:
        """Starts the process of a later stage, so that it imports while another works.

        An evaluation that can be forked is not started: it is ready in 1 s, and would hold 230 MB
        while a model is compressed.

        Args:
            stage: its name.
            kind: of its work.
            also: modules that it imports, beyond those of its kind.
        """
        forked = kind is StageKind.EVALUATE and self.server() is not None
        if stage not in self._warm and not forked:
            self._warm[stage] = self._process(stage, kind, also)

    def is_done(self, stage: Stage) -> bool:
        """Returns whether a stage's output is in the cache."""
        return self.cache.find(stage.kind, stage.key) is not None

    def _process(self, stage: str, kind: StageKind, also: Sequence[str] = ()) -> StageProcess:
        warm = self._warm.pop(stage, None)
        if warm is not None and warm.is_gone:  # the system kills idle processes first
            warm.kill()
            warm = None
        return warm or StageProcess(stage, kind, self.run, self.log, self.server(), also)

    def server(self) -> ForkServer | None:
        """Returns the process that is forked for the stages; None where each imports for itself."""
        if self._server is not None and self._server.is_gone:
            self.end_server()
        if self._server is None and self._pipeline is not None and sys.platform == "linux":
            described = self._stages / "pipeline.json"
            described.write_bytes(msgspec.json.encode(self._pipeline))
            self._server = ForkServer(described, self.log, os.environ | QUIET)
        return self._server

    def end_server(self) -> None:
        """Ends the process that others are forked from: its imports hold 340 MB."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def prune(self, limit_bytes: int) -> None:
        """Brings the cache down to a size; what this run used stays."""
        self.cache.prune(limit_bytes, keep=self.used)

    def keep(self, kind: str, key: str) -> None:
        """Counts an output that a stage took from the cache, or left there, as used."""
        if place := self.cache.find(kind, key):
            self.used.append(place)

    @property
    def times(self) -> list[StageTime]:
        """What each stage took, in the order in which they were started."""
        return [took for took in self._times.values() if took is not None]

    def together(self, stages: Sequence[Stage]) -> list[Path]:
        """Returns the outputs of stages that do not depend on each other, done at the same time.

        Raises:
            StageFailed: one ended without its output; what others finished is kept.
        """
        outputs: dict[str, Path] = {}
        missing = []
        for stage in stages:
            self._start(stage.name)
            if place := self.cache.find(stage.kind, stage.key):
                outputs[stage.name] = place
                self.journal.repeat_warnings(place)
                self._finish(StageTime(name=stage.name, seconds=0, cached=True, peak_rss_bytes=0))
            else:
                missing.append(stage)
        outputs |= self._do(missing, outputs)
        self.used += outputs.values()
        return [outputs[stage.name] for stage in stages]

    def alone(
        self,
        work: Work,
        out: Path,
        before: Callable[[Journal], int] = lambda journal: 0,
    ) -> Path:
        """Does a stage whose output belongs to this run and is not kept beyond it.

        Args:
            work: what its process is told.
            out: a folder for its output.
            before: what of the stage this process does first; gives bytes of memory at their peak.
        """
        name = work.kind.name_of()
        self._start(name)
        began = time.monotonic()
        peak = self._guarded(name, before)
        out.mkdir(parents=True, exist_ok=True)
        specification = self._specification(name, work, out)

        def finish(took: Finished) -> None:
            seconds, highest = time.monotonic() - began, max(peak, took.peak_rss_bytes)
            self._finish(_time(Finished(name, seconds, highest)))

        self._processes({name: [specification]}, finish)
        return out

    def here(self, kind: StageKind, function: Callable[[Journal], T]) -> T:
        """Does a stage in this process, and returns what its function does.

        Raises:
            StageFailed: a process that it started was killed.
        """
        name = kind.name_of()
        self._start(name)
        began = time.monotonic()
        value = self._guarded(name, function)
        self._finish(_time(Finished(name, time.monotonic() - began, 0)))
        return value

    def _guarded(self, name: str, function: Callable[[Journal], T]) -> T:
        try:
            return function(Journal(self.run, name))
        except WorkerDied as error:
            raise StageFailed(name, "killed", str(error)) from error
        finally:
            self.cache.remove_unfinished(self.run)

    def _with_sample(
        self,
        stage: Stage,
        stages: Sequence[Stage],
        written: Sequence[Path],
        outputs: Mapping[str, Path],
    ) -> Work:
        """Returns a stage's work, told where the first sample is or will be."""
        if stage.after is None or not isinstance(stage.work, Conversion):
            return stage.work
        folders = [str(outputs[stage.after])] if stage.after in outputs else []
        for other, out in zip(stages, written, strict=True):
            if other.name == stage.after:  # its folder is renamed when it is whole
                folders = [str(out), str(self.cache.place(other.kind, other.key))]
        return msgspec.structs.replace(stage.work, sample_folders=folders)

    def _specification(self, stage: str, work: Work, out: Path) -> Specification:
        return Specification(run=str(self.run.folder), stage=stage, out=str(out), work=work)

    def _do(self, stages: Sequence[Stage], outputs: Mapping[str, Path]) -> dict[str, Path]:
        """Do stages that are not in the cache, at the same time, and return their outputs.

        Each output is kept as soon as it is whole: a run that goes on later finds it.
        """
        written = [self.cache.begin(self.run, stage.kind, stage.key) for stage in stages]
        processes: dict[str, list[Specification]] = {}
        for stage, out in zip(stages, written, strict=True):
            work = self._with_sample(stage, stages, written, outputs)
            specification = self._specification(stage.name, work, out)
            processes.setdefault(stage.process or stage.name, []).append(specification)
        by_name = {stage.name: (stage, out) for stage, out in zip(stages, written, strict=True)}
        places: dict[str, Path] = {}

        def finish(took: Finished) -> None:
            stage, out = by_name[took.stage]
            places[stage.name] = self.cache.commit(out, stage.kind, stage.key)
            self._finish(_time(took, places[stage.name]))

        self._processes(processes, finish)
        return places

    def _processes(
        self,
        specifications: Mapping[str, Sequence[Specification]],
        finish: Callable[[Finished], None],
    ) -> None:
        """Start a process for each name, in which the stages of that name follow each other."""
        try:
            work = [
                (self._process(name, items[0].work.kind), items)
                for name, items in specifications.items()
            ]
            run_together(work, self.journal, finish)
        finally:
            self.cache.remove_unfinished(self.run)

    def _start(self, name: str) -> None:
        self._times[name] = None
        self.journal.write(events.StageStarted(time=time.time(), stage=name))

    def _finish(self, took: StageTime) -> None:
        self._times[took.name] = took
        self.journal.write(
            events.StageFinished(
                time=time.time(),
                stage=took.name,
                seconds=took.seconds,
                cached=took.cached,
                peak_rss_bytes=took.peak_rss_bytes,
            )
        )


class _NncfTime(msgspec.Struct):
    """What a compression leaves, and other stages do not."""

    nncf_seconds: float | None = None


def _time(took: Finished, output: Path | None = None) -> StageTime:
    nncf_seconds = None if output is None else read_info(output, _NncfTime).nncf_seconds
    return StageTime(
        name=took.stage,
        seconds=round(took.seconds, 3),
        cached=False,
        peak_rss_bytes=took.peak_rss_bytes,
        nncf_seconds=nncf_seconds,
    )
