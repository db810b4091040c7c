"""Curves of braille dots, and those of what a run takes over its time."""

from __future__ import annotations

import pytest

from ovtui.core.runs import events
from ovtui.core.runs.run_progress import RunProgress, advance
from ovtui.tui.curves import curve
from ovtui.tui.pages.resources import curves


def test_dots_of_a_rise() -> None:
    assert curve([1, 2, 3, 4], 2, bounds=(1, 4))[0].plain == "⣠⣾"
    assert curve([0, 4], 1, bounds=(0, 4))[0].plain == "⣸"


def test_two_lines_have_eight_dots() -> None:
    above, below = curve([1, 8], 1, 2, bounds=(1, 8))
    assert (above.plain, below.plain) == ("⢸", "⣸")


def test_a_peak_is_seen_where_values_are_thinned_out() -> None:
    values = [1.0] * 1000
    values[500] = 9.0
    (drawn,) = curve(values, 10)
    assert drawn.cell_len == 10
    assert {"⣿", "⡇", "⢸"} & set(drawn.plain) or "⣇" in drawn.plain or "⣸" in drawn.plain


def test_what_is_not_known_has_no_dots() -> None:
    assert curve([None, None, 1, 1], 2)[0].plain == "\u2800⣿"
    assert curve([], 3)[0].plain == "\u2800" * 3


def _run(seconds: int) -> RunProgress:
    told: list[events.Event] = [events.Started(time=0.0, stages=["convert", "compress int8"])]
    told.append(events.StageStarted(time=0.0, stage="convert"))
    for second in range(1, seconds):
        told.append(events.MemoryUsed(time=float(second), now=2**20, peak=2**21, cores=1.5))
    told.append(events.StageFinished(time=10.0, stage="convert", seconds=10.0))
    told.append(events.StageStarted(time=10.0, stage="compress int8"))
    return advance(RunProgress(), told)


@pytest.mark.parametrize("width", [50, 80, 120])
@pytest.mark.parametrize("seconds", [12, 200, 4000])
def test_the_whole_run_fits(width: int, seconds: int) -> None:
    memory, cores, stages = (it.plain for it in curves(_run(seconds), width, float(seconds)))
    assert max(map(len, (memory, cores, stages))) <= width
    assert memory.endswith("1.00 MiB, peak 2.00 MiB") and cores.endswith("1.5 busy, most 1.5")
    assert "╵" in stages


def test_what_was_drawn_stays_where_it_is() -> None:
    before, after = (curves(_run(it), 100, float(it))[0].plain.split("  ")[0] for it in (60, 70))
    filled = before.rstrip("\u2800")
    assert after[: len(filled) - 1] == filled[:-1]


def test_there_is_no_curve_without_room_or_news() -> None:
    assert curves(_run(12), 30, 12.0) == []
    assert curves(RunProgress(), 100, 12.0) == []


def test_long_runs_keep_few_values() -> None:
    progress = _run(5000)
    assert 256 <= len(progress.taken) <= 512
    assert progress.taken[-1].time == 4999.0
