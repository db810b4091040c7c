"""How far a whole run is: it never goes back, and the time left follows from earlier runs."""

from __future__ import annotations

import msgspec
import pytest

from ovtui.core.runs import events
from ovtui.core.runs.course import course, took
from ovtui.core.runs.run_progress import RunProgress, advance
from tests.support.sample_result import sample_result

SECONDS = {"convert": 10.0, "evaluate": 30.0, "measure": 60.0}


def _begun() -> RunProgress:
    return advance(
        RunProgress(),
        [
            events.Started(time=0, stages=list(SECONDS)),
            events.StageStarted(time=0, stage="convert"),
        ],
    )


def test_the_whole_is_by_time_and_steps_do_not_move_it_back() -> None:
    progress = _begun()
    found = course(progress, SECONDS, 5.0)
    assert found is not None and found == pytest.approx((0.05, 95.0))
    shares = []
    for time, event in [
        (9.0, events.StageFinished(time=9, stage="convert", seconds=9)),
        (9.0, events.StageStarted(time=9, stage="evaluate")),
        (20.0, events.Progressed(time=20, stage="evaluate", step="fp32", done=90, total=100)),
        (21.0, events.Progressed(time=21, stage="evaluate", step="int8", done=1, total=100)),
        (80.0, events.Progressed(time=80, stage="evaluate", step="int8", done=2, total=100)),
        (81.0, events.StageFinished(time=81, stage="evaluate", seconds=72)),
        (81.0, events.StageStarted(time=81, stage="measure")),
    ]:
        progress = advance(progress, [event])
        found = course(progress, SECONDS, time)
        assert found is not None
        shares.append(found.share)
    assert shares == sorted(shares) and shares[-1] == pytest.approx(0.4)
    # Longer than it ever took: a twentieth of it is told to be left, not nothing.
    assert shares[4] == pytest.approx(1 - (60 + 30 * 0.05) / 100)


def test_nothing_is_told_where_no_earlier_run_is_known() -> None:
    assert course(_begun(), {}, 5.0) is None
    assert course(RunProgress(), SECONDS, 5.0) is None


def test_a_stage_that_is_not_known_takes_as_long_as_others() -> None:
    found = course(_begun(), {"convert": 10.0, "evaluate": 30.0}, 0.0)
    assert found is not None and found.left == 60.0


def test_cached_stages_tell_nothing() -> None:
    newest, older = sample_result(), sample_result()
    stages = [msgspec.structs.replace(it, cached=False) for it in older.stages]
    older = msgspec.structs.replace(older, stages=stages)
    assert took([newest]) == {"convert": 1.2}
    assert took([newest, older]) == {"convert": 1.2, "quantize": 75.4}
