"""A process that was started early and killed while it waited is started anew."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from ovtui.core.runs import run_folder
from ovtui.core.runs.run_request import Request
from ovtui.engine.run.runner import Runner
from ovtui.engine.store.progress import Journal


def test_a_stage_killed_while_it_waits_is_started_anew(home: Path) -> None:
    run = run_folder.create(Request(name="tiny", created="", device="CPU", base="/"))
    with run.log_path.open("wb") as log, Runner(run, Journal(run), log.fileno()) as runner:
        runner.warm("int8", "compression")
        warm = runner._warm["int8"]
        os.kill(warm._child.pid, signal.SIGKILL)
        warm._child.ended(wait=True)
        process = runner._process("int8", "compression")
        assert process is not warm and not process.is_gone
        process.kill()
        runner.warm("int8", "compression")
        living = runner._warm["int8"]
        assert runner._process("int8", "compression") is living
        living.kill()
