"""What is told of a process that was killed."""

from __future__ import annotations

import pytest

from ovtui.engine.processes import lifeline


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (3, 4, "killed by the system for lack of memory; it had used 2.00 GiB of "),
        (3, 3, "killed from outside (the kernel had memory left); it had used 2.00 GiB of "),
        (None, 3, "killed by SIGKILL (from outside, or for lack of memory); it had used "),
        (3, None, "killed by SIGKILL (from outside, or for lack of memory); it had used "),
    ],
)
def test_a_death_by_sigkill_is_explained_as_far_as_it_is_known(
    monkeypatch: pytest.MonkeyPatch, before: int | None, now: int | None, told: str
) -> None:
    monkeypatch.setattr(lifeline, "oom_kills", lambda: now)
    assert lifeline.killed(2 * 2**30, before).startswith(told)
