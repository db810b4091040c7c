"""Stage processes: started, watched, and their death explained."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ovtui.core.files.writing import MAKE_ROOM
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.stage_kind import StageKind
from ovtui.core.text.units import human_bytes
from ovtui.engine.processes.child import Child, Spawned, command_of
from ovtui.engine.processes.forking import ForkServer
from ovtui.engine.processes.lifeline import killed, oom_kills
from ovtui.engine.processes.resources import ResourceWatch
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_work import STAGES, FailureKind, Problem, Specification

_POLL_SECONDS = 0.02
_DISK_FULL, _OUT_OF_MEMORY = 75, 76
_NO_MEMORY = ("bad_alloc", "allocate memory", "can't alloc", "MemoryError", "map segment")


_LAST_WORDS = (1, 127, -signal.SIGABRT)
"""Ends whose reason is in the log alone: of the interpreter, its loader, or a library."""


class StageFailed(Exception):
    """A stage left no output."""

    def __init__(self, stage: str, kind: FailureKind, message: str) -> None:
        super().__init__(message)
        self.stage = stage
        self.kind = kind


@dataclass(slots=True)
class Finished:
    """Wall seconds of a stage, and peak resident bytes of its process until then."""

    stage: str
    seconds: float
    peak_rss_bytes: int


class StageProcess:
    """A process for one stage, or for several of a kind one after the other.

    It imports what its kind of work needs, and the modules in `also`, then waits to be told.
    """

    def __init__(
        self,
        stage: str,
        kind: StageKind,
        run: Run,
        log: int,
        server: ForkServer | None = None,
        also: Sequence[str] = (),
    ) -> None:
        self._path = run.folder / STAGES / f"{stage.replace(' ', '-').replace('/', '-')}.json"
        self._run = run
        self._stages = [stage]
        self._done = 0
        self._began = time.monotonic()
        self._oom_kills = oom_kills()
        arguments = [kind, str(self._path), *also]
        self._child: Child
        if server is not None:
            self._child = server.fork(_MODULE, arguments, log=log, mmap_threshold=_MMAP_THRESHOLD)
        else:
            lean = {"MALLOC_MMAP_THRESHOLD_": str(_MMAP_THRESHOLD)}
            self._child = Spawned(
                command_of(_MODULE, *arguments),
                log=log,
                environment=os.environ | QUIET | lean,
            )

    def tell(self, specifications: Sequence[Specification]) -> None:
        """Lets it begin; its time counts from here."""
        self._stages = [specification.stage for specification in specifications]
        for number in range(len(specifications)):
            done_file(self._path, number).unlink(missing_ok=True)
        self._path.write_bytes(msgspec.json.encode(list(specifications)))
        self._began = time.monotonic()
        with contextlib.suppress(BrokenPipeError):  # it has died: the next look tells of what
            self._child.stdin.write(b"\n")
            self._child.stdin.flush()

    @property
    def is_gone(self) -> bool:
        """Whether it has ended, whatever it was told to do."""
        return self._child.ended() is not None

    @property
    def is_over(self) -> bool:
        """Whether it has ended and all its stages were told of."""
        return self._child.ended() is not None and self._done == len(self._stages)

    def poll(self) -> list[Finished]:
        """Returns what each stage took that has ended well since the last look.

        Raises:
            StageFailed: it ended without the output of the next one.
        """
        ended = self._child.ended()  # first: what it left before its end is there then
        finished = []
        while self._done < len(self._stages) and (peak := self._peak_of_done()) is not None:
            now = time.monotonic()
            finished.append(Finished(self._stages[self._done], now - self._began, peak))
            self._began = now
            self._done += 1
        if not finished and ended is not None and not self.is_over:
            raise self._failure(*ended)
        return finished

    def _peak_of_done(self) -> int | None:
        """Peak resident bytes of the next stage, once that is done."""
        try:
            return int(done_file(self._path, self._done).read_bytes())
        except (
            FileNotFoundError,
            ValueError,
        ):  # the file is not there, or still empty
            return None

    def kill(self) -> None:
        """Ends it now."""
        self._child.kill()
        with contextlib.suppress(OSError):
            self._child.stdin.close()

    def _failure(self, code: int, peak: int) -> StageFailed:
        stage = self._stages[self._done]
        with contextlib.suppress(OSError, msgspec.DecodeError):
            data = self._path.with_suffix(".problem").read_bytes()
            problem = msgspec.json.decode(data, type=Problem)
            return StageFailed(stage, problem.kind, problem.message)
        if code == _DISK_FULL:
            return StageFailed(stage, "disk", f"the disk is full; {MAKE_ROOM}")
        if code == _OUT_OF_MEMORY or (code in _LAST_WORDS and self._ran_out_of_memory()):
            message = f"not enough memory; it had used {human_bytes(peak)}; close other programs, "
            return StageFailed(stage, "memory", message + "or use fewer or smaller samples")
        if code == -signal.SIGKILL:
            return StageFailed(stage, "killed", killed(peak, self._oom_kills))
        if code < 0:
            name = signal.Signals(-code).name
            used = f"it had used {human_bytes(peak)}"
            message = f"ended by {name}; {used}; see the log for what it printed last"
            return StageFailed(stage, "killed", message)
        return StageFailed(stage, "error", f"ended with status {code}; see the log")

    def _ran_out_of_memory(self) -> bool:
        """Whether the last words of a library's own abort are about memory."""
        return any(word in line for line in self._run.log_tail(5) for word in _NO_MEMORY)


# No library may draw bars into the log, phone home, or wait for an answer.
QUIET = {
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
    "NNCF_CI": "1",
    "PYTHONUNBUFFERED": "1",
}


_MODULE = "ovtui.engine.run.stage_process"
# The C library keeps what was freed for later, unless it is a block of its own: a copy of every
# weight here and there (240 MB of BERT-base after saving it, 160 MB while it is quantized).
_MMAP_THRESHOLD = 2 * 2**20


def done_file(specifications: Path, number: int) -> Path:
    """Returns where a stage process leaves its peak of memory, in bytes, when a stage is done.

    Args:
        specifications: the file that tells the process its stages.
        number: of the stage among them.
    """
    return specifications.with_suffix(f".{number}")


def run_together(
    work: Sequence[tuple[StageProcess, Sequence[Specification]]],
    journal: Journal,
    on_finish: Callable[[Finished], None],
) -> None:
    """Runs stage processes at the same time; when one fails, the others are ended.

    Args:
        work: the processes, and the stages that each is told to do in turn.
        journal: where memory use goes.
        on_finish: told of each stage as soon as it has ended well.

    Raises:
        StageFailed: the first that failed.
    """
    memory = ResourceWatch(journal)
    processes = [process for process, _ in work]
    try:
        for process, specifications in work:
            process.tell(specifications)
        while not all(process.is_over for process in processes):
            for process in processes:
                for finished in process.poll():
                    on_finish(finished)
            memory.look()
            time.sleep(_POLL_SECONDS)
    finally:
        for process in processes:
            process.kill()
