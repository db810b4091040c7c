"""`python -m ovtui.engine RUN_FOLDER`: lock, signals, one place for errors, exit status."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from pathlib import Path
from types import FrameType

from ovtui.core import events, result
from ovtui.core.errors import UserError
from ovtui.core.locks import AlreadyLocked, FileLock
from ovtui.core.runs import Run, write_atomically
from ovtui.engine.progress import Journal

DONE, FAILED, CANCELLED = 0, 1, 130
_RESERVE_BYTES = 64 * 1024


class _Cancelled(BaseException):
    """SIGTERM or SIGINT came."""


def main() -> int:
    """Work on one run folder."""
    run = Run(Path(sys.argv[1]).resolve())
    try:
        lock = FileLock(run.lock_path)
    except AlreadyLocked:
        print(f"{run.id}: another engine works on it", file=sys.stderr)
        return FAILED
    run.lock_path.write_text(f"{os.getpid()}\n")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _cancel)
    # The terminal that started this may go; the run does not.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with lock:
        return _work(run, Journal(run))


def _work(run: Run, journal: Journal) -> int:
    stage = None
    try:
        (run.folder / ".reserve").write_bytes(b"\0" * _RESERVE_BYTES)
        found = _result(run, journal)
        write_atomically(run.result_path, result.encode(found))
        journal.write(events.Finished(time=time.time()))
        return DONE
    except _Cancelled:
        journal.write(events.Cancelled(time=time.time()))
        return CANCELLED
    except Exception as error:
        traceback.print_exc()
        kind, message, stage = _explain(error)
        journal.write(events.Failed(time=time.time(), kind=kind, message=message, stage=stage))
        return FAILED
    finally:
        (run.folder / ".reserve").unlink(missing_ok=True)


def _result(run: Run, journal: Journal) -> result.Result:
    """Imported late: a waiting engine holds little memory."""
    from ovtui.engine.queue import turn

    request = run.request()
    with turn(run, journal):
        if request.bench is not None:
            from ovtui.engine import bench

            return bench.work(run, request, request.bench, journal, sys.stderr.fileno())
        if request.recipe is not None:
            from ovtui.engine import workflow

            return workflow.work(run, request, request.recipe, journal, sys.stderr.fileno())
    raise UserError(f"{run.folder / 'run.json'}: names neither a recipe nor models to measure")


def _explain(error: Exception) -> tuple[str, str, str | None]:
    from ovtui.engine.process import StageFailed
    from ovtui.engine.stage import explain

    if isinstance(error, StageFailed):
        return error.kind, f"{error.stage}: {error}", error.stage
    problem, _ = explain(error)
    return problem.kind, problem.message, None


def _cancel(number: int, frame: FrameType | None) -> None:
    for again in (signal.SIGTERM, signal.SIGINT):
        signal.signal(again, signal.SIG_IGN)
    raise _Cancelled


if __name__ == "__main__":
    sys.exit(main())
