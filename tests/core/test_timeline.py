"""The time line that a run's events tell."""

from __future__ import annotations

from pathlib import Path

from ovtui.core.runs import events
from ovtui.core.runs.timeline import Stretch, timeline, told_by
from tests.support.run_folders import write_run

TOLD: list[events.Event] = [
    events.Queued(time=90, ahead=1),
    events.Started(time=100, stages=["convert", "measure"]),
    events.StageFinished(time=100, stage="convert", seconds=0, cached=True),
    events.StageStarted(time=101, stage="measure"),
    events.MemoryUsed(time=102, now=2**20, peak=2**20, cores=1.5),
    events.Progressed(time=103, stage="measure", step="fp32", done=1, total=4, rate=2.0),
    events.Warned(time=104, message="the machine is busy"),
    events.MemoryUsed(time=106, now=2**21, peak=2**21),
    events.Failed(time=110, kind="error", message="no room", stage="measure"),
]


def test_stages_values_and_moments_stand_at_their_times() -> None:
    found = timeline(TOLD)
    assert found is not None and (found.began, found.ended) == (100, 110)
    assert found.stretches == (
        Stretch("convert", 100, 100, cached=True),
        Stretch("measure", 101, 110),  # it did not finish: it ends with the events
    )
    assert [it.time for it in found.moments] == [104, 110]
    assert found.taken_at(101) is None and found.step_at(102) is None
    seen = [found.taken_at(time) for time in (102, 105.9, 109)]
    assert [it.memory_bytes for it in seen if it] == [2**20, 2**20, 2**21]
    assert [it.stage for it in found.working(100.5, 101.5)] == ["measure"]
    assert found.step_at(109) == TOLD[5]


def test_a_run_that_never_worked_has_none() -> None:
    assert timeline(TOLD[:1]) is None


def test_all_events_are_read_piece_by_piece(home: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    run = write_run(home, "20260131-101500-digits-ab00", told=TOLD)
    monkeypatch.setattr("ovtui.core.runs.run_folder._PIECE_BYTES", 200)
    assert list(told_by(run)) == TOLD
