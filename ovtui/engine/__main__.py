"""`python -m ovtui.engine RUN_FOLDER [LOCK]`: lock, signals, one place for errors, exit status."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from types import FrameType

from ovtui.core.files.locks import AlreadyLocked, FileLock
from ovtui.core.files.writing import write_atomically
from ovtui.core.results import result
from ovtui.core.runs import events
from ovtui.core.runs.run_folder import Run
from ovtui.core.text.errors import UserError
from ovtui.engine.processes.lifeline import leave_when_deleted
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.temporary_files import remove_leftovers

DONE, FAILED, CANCELLED = 0, 1, 130
_ENDING = (signal.SIGTERM, signal.SIGINT)
# A signal to the whole group may end a stage before this process has seen its own.
_SIGNAL_SECONDS = 0.2


class _Cancelled(BaseException):
    """SIGTERM or SIGINT came; raised once at most."""


def main() -> int:
    """Works on one run folder."""
    run = Run(Path(sys.argv[1]).resolve())
    # The terminal that started this may go; the run does not.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        handed = int(sys.argv[2]) if len(sys.argv) > 2 else None
        if handed is None:
            lock = FileLock(run.lock_path)
        else:
            lock = FileLock.inherited(run.lock_path, handed)
    except AlreadyLocked:
        print(f"{run.id}: another engine works on it", file=sys.stderr)
        return FAILED
    with lock:
        journal = Journal(run)
        leave_when_deleted(run.lock_path)
        try:
            for number in _ENDING:
                signal.signal(number, _cancel)
            outcome: events.Outcome = _work(run, journal)
        except _Cancelled:
            outcome = events.Cancelled(time=time.time())
        journal.write(outcome)
        run.reserve_path.unlink(missing_ok=True)
    match outcome:
        case events.Finished():
            return DONE
        case events.Cancelled():
            return CANCELLED
    return FAILED


def _work(run: Run, journal: Journal) -> events.Outcome:
    try:
        run.lock_path.write_text(f"{os.getpid()}\n")
        remove_leftovers()
        run.reserve()
        finished = _result(run, journal)
        _too_late_to_cancel()
        write_atomically(run.result_path, result.encode(finished))
        return events.Finished(time=time.time())
    except Exception as error:
        kind, message, stage = _explain(error)
        if kind == "killed":
            time.sleep(_SIGNAL_SECONDS)
        _too_late_to_cancel()
        if stage is None:  # a stage has printed its own
            with contextlib.suppress(OSError):  # the disk may be full
                traceback.print_exception(error)
        return events.Failed(time=time.time(), kind=kind, message=message, stage=stage)


def _result(run: Run, journal: Journal) -> result.Result:
    """Imported late: a waiting engine holds little memory."""
    from ovtui.engine.run.queue import turn

    request = run.request()
    with turn(run, journal):
        if request.bench is not None:
            from ovtui.engine.run import bench

            return bench.work(run, request, request.bench, journal, sys.stderr.fileno())
        if request.recipe is not None:
            from ovtui.engine.run import workflow
            from ovtui.engine.store.stage_work import job_of

            return workflow.work(run, job_of(request), journal, sys.stderr.fileno())
    raise UserError(f"{run.folder / 'run.json'}: names neither a recipe nor models to measure")


def _explain(error: Exception) -> tuple[str, str, str | None]:
    from ovtui.engine.processes.process import StageFailed
    from ovtui.engine.run.stage_process import explain

    if isinstance(error, StageFailed):
        return error.kind, f"{error.stage}: {error}", error.stage
    problem, _ = explain(error)
    return problem.kind, problem.message, None


def _cancel(number: int, frame: FrameType | None) -> None:
    _too_late_to_cancel()
    raise _Cancelled


def _too_late_to_cancel() -> None:
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
