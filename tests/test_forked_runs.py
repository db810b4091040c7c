"""Real engines on a pipeline, whose processes are forked: killed and cancelled."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from ovtui.core.runs import events, launch, run_folder
from ovtui.core.runs.run_folder import Run, State
from tests.support.engines import CANCELLED_WITHIN, PATIENCE, engine_of, still_alive, wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each is spawned")


class Going:
    """A run of the demo's Whisper that is about to trace it."""

    def __init__(self, home: Path) -> None:
        words = [sys.executable, "-m", "ovtui.cli", "run", "whisper-digits", "--detach"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr
        self.run: Run = run_folder.find(done.stdout.strip())
        wait_for(lambda: any(_is_observing(event) for event in self.run.tail().events))
        self.engine = engine_of(self.run)
        self.processes = self.engine.children(recursive=True)
        (self.server,) = self.engine.children()
        assert "ovtui.engine.processes.fork_server" in self.server.cmdline()
        assert len(self.processes) >= 3

    @property
    def nothing_is_left(self) -> bool:
        return not still_alive([self.engine, *self.processes])


def _is_observing(event: events.Event) -> bool:
    return isinstance(event, events.Progressed) and event.stage == "convert"


def test_a_killed_engine_takes_what_was_forked_along(home: Path) -> None:
    going = Going(home)
    going.engine.kill()
    assert going.nothing_is_left
    assert going.run.state() is State.DIED


def test_a_killed_server_fails_the_run_in_one_line(home: Path) -> None:
    going = Going(home)
    going.server.kill()
    wait_for(lambda: not going.run.state().alive)
    outcome = going.run.outcome()
    assert isinstance(outcome, events.Failed) and outcome.kind == "killed"
    assert "killed from outside (the kernel had memory left); it had used" in outcome.message
    assert "\n" not in outcome.message
    assert going.nothing_is_left


def test_cancelling_ends_what_was_forked(home: Path) -> None:
    going = Going(home)
    began = time.monotonic()
    assert launch.cancel(going.run) is State.CANCELLED
    assert time.monotonic() - began < CANCELLED_WITHIN
    assert going.nothing_is_left
