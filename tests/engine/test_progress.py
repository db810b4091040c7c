"""Progress as events: how often, how far, and what NNCF's own bars become."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from nncf.common.logging.track_progress import track
from rich.progress import Progress

from ovtui.core.runs import events
from ovtui.core.runs.run_folder import Run
from ovtui.engine.libraries.rich_progress import rich_progress
from ovtui.engine.store import progress
from ovtui.engine.store.progress import Journal


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(Run(tmp_path), "compress int8")


def told(journal: Journal) -> list[events.Progressed]:
    found = journal.run.tail().events
    return [event for event in found if isinstance(event, events.Progressed)]


def test_a_step_writes_at_most_five_events_a_second_and_always_the_last(
    journal: Journal, clock: Clock
) -> None:
    step = journal.step("samples", 1000)
    for _ in range(1000):
        clock.now += 0.001
        step.advance()
    step.finish()
    found = told(journal)
    assert len(found) == 6
    assert (found[0].done, found[-1].done, found[-1].total) == (0, 1000, 1000)


def test_rate_and_eta_follow_from_what_was_done(journal: Journal, clock: Clock) -> None:
    step = journal.step("samples", 100)
    clock.now += 2
    step.set(20)
    last = told(journal)[-1]
    assert (last.rate, last.eta) == (10, 8)


@pytest.mark.parametrize(("seconds", "done"), [(0.5, 50), (5, 1), (5, 4)])
def test_there_is_no_eta_from_too_little(
    journal: Journal, clock: Clock, seconds: float, done: int
) -> None:
    step = journal.step("samples", 100)
    clock.now += seconds
    step.set(done)
    assert told(journal)[-1].eta is None


def test_a_step_that_ends_early_was_that_long(journal: Journal, clock: Clock) -> None:
    step = journal.step("samples", 300)
    clock.now += 1
    step.set(120)
    step.finish()
    assert (told(journal)[-1].done, told(journal)[-1].total) == (120, 120)


def test_each_counts_what_it_yields(journal: Journal) -> None:
    assert list(journal.each("abc", "letters")) == ["a", "b", "c"]
    assert (told(journal)[-1].done, told(journal)[-1].total) == (3, 3)


def test_numpy_s_numbers_are_written(journal: Journal) -> None:
    step = journal.step("weights", np.float32(8))
    step.set(np.int64(8))
    assert told(journal)[-1].done == 8


def endless() -> Iterator[int]:
    yield from range(4)


def test_nncf_s_bars_become_steps(journal: Journal, capfd: pytest.CaptureFixture[str]) -> None:
    with rich_progress(journal):
        for _ in track(range(7), description="Statistics collection"):
            pass
        for _ in track(endless(), description="no length"):
            pass
        for _ in track(range(3), description="weighted", weights=[1.0, 2.0, 5.0]):
            pass
        with track[None](total=5, description="by hand") as bar:
            for _ in range(5):
                bar.update(advance=1)
        for _ in track([], description="nothing"):
            pass
    last = {event.step: (event.done, event.total) for event in told(journal)}
    assert last == {
        "Statistics collection": (7, 7),
        "no length": (4, 4),
        "weighted": (8, 8),
        "by hand": (5, 5),
    }
    assert capfd.readouterr().out == ""


def test_rich_is_left_as_it_was(journal: Journal) -> None:
    before = dict(vars(Progress))
    with pytest.raises(RuntimeError), rich_progress(journal):
        raise RuntimeError
    assert dict(vars(Progress)) == before


def test_a_full_disk_leaves_room_for_the_last_events(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserve = journal.run.folder / ".reserve"
    reserve.write_bytes(bytes(100))
    append = Run.append

    def full(run: Run, event: events.Event) -> None:
        if reserve.exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        append(run, event)

    monkeypatch.setattr(Run, "append", full)
    journal.warn("the last words")
    assert not reserve.exists()
    assert [event.message for event in journal.run.tail().events] == ["the last words"]


def test_what_was_warned_of_is_told_again_by_who_finds_it_done(tmp_path: Path) -> None:
    made, finds = (tmp_path / name for name in ("made", "finds"))
    made.mkdir()
    finds.mkdir()
    first = Journal(Run(made), "convert")
    for message in ("outputs differ", "float64", "outputs differ"):
        first.warn(message)
    first.leave_warnings(tmp_path)
    again = Journal(Run(finds))
    again.repeat_warnings(tmp_path)
    again.repeat_warnings(tmp_path / "made")  # where none were kept
    found = [it.message for it in again.run.tail().events if isinstance(it, events.Warned)]
    assert found == ["outputs differ", "float64"]
