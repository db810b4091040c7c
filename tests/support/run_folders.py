"""Recorded run folders for the dashboard's tests, written without any engine."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from ovtui.core.files.locks import FileLock
from ovtui.core.results import result
from ovtui.core.results.result import Result
from ovtui.core.runs import events
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.run_request import Request
from tests.support.sample_result import sample_result

NOW = 1_800_000_000.0
STAGES = ["convert", "calibration data", "compress int8", "evaluate", "measure"]


def started(*, at: float = NOW) -> list[events.Event]:
    """Returns the events of a run that converts."""
    return [
        events.Queued(time=at, ahead=0),
        events.Started(time=at, stages=STAGES),
        events.StageStarted(time=at, stage="convert"),
    ]


def half_way(*, at: float | None = None) -> list[events.Event]:
    """Returns the events of a run in the middle of its compression, with a first result."""
    at = time.time() if at is None else at
    return [
        *started(at=at),
        events.StageFinished(time=at, stage="convert", seconds=1.5, peak_rss_bytes=2**28),
        events.StageFinished(time=at, stage="calibration data", seconds=0, cached=True),
        events.StageStarted(time=at, stage="compress int8"),
        events.MemoryUsed(time=at, now=2**27, peak=2**29),
        events.Progressed(
            time=at, stage="compress int8", step="statistics", done=150, total=300, rate=7, eta=21
        ),
        events.Measured(
            time=at,
            variant="fp32",
            what="accuracy",
            value={
                "metric": "accuracy",
                "higher_is_better": True,
                "value": 0.9361,
                "ci95": [0.93, 0.94],
                "count": 100,
            },
        ),
    ]


def write_run(
    home: Path,
    id: str,
    *,
    name: str = "digits",
    told: Sequence[events.Event] = (),
    found: Result | None = None,
    log: str = "",
    model: str = "",
) -> Run:
    """Writes a run folder.

    Args:
        home: `OVTUI_HOME`.
        id: as `20260131-101500-digits-ab12`.
        name: of the recipe.
        told: its events; for a result that of its end is added.
        found: its result; the run's id is put into it.
        log: what the libraries printed.
        model: the recipe's, of which nothing else is kept.
    """
    folder = home / "runs" / id
    folder.mkdir(parents=True)
    run = Run(folder)
    request = Request(name=name, created="2026-01-31T10:15:00+00:00", device="CPU", base=str(home))
    asked = msgspec.to_builtins(request)
    if model:
        asked["recipe"] = {"model": {"source": model}}
    (folder / "run.json").write_bytes(msgspec.json.encode(asked))
    run.lock_path.write_text("1\n")
    run.log_path.write_text(log, encoding="utf-8")
    for event in told:
        run.append(event)
    if found is not None:
        found = msgspec.structs.replace(found, run=id)
        run.result_path.write_bytes(result.encode(found))
        run.append(events.Finished(time=NOW + 60))
    return run


def write_done(home: Path, number: int = 0, model: str = "") -> Run:
    """Writes the folder of a run that is done, with samples."""
    made = f"20260131-1015{number:02d}-digits-ab{number:02d}"
    log = "INFO:nncf:done\n"
    return write_run(home, made, told=started(), found=sample_result(), log=log, model=model)


@contextmanager
def alive(run: Run) -> Iterator[None]:
    """Holds a run's lock, as its engine does."""
    with FileLock(run.lock_path):
        yield
