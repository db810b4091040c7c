"""Kills at random moments: the state is true, nobody stays, the same run again ends as ever."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import time
from pathlib import Path

import psutil

from ovtui.core.runs import State
from tests.endurance.tally import Tally
from tests.endurance.tiny_runs import essence, start, wait, write_recipe
from tests.engines import engine_of, still_alive

_SECONDS = 1200


def attack(folder: Path, count: int, chance: random.Random) -> Tally:
    """Kill the engine, or one of its processes, `count` times."""
    recipe, home = write_recipe(folder / "recipe"), Path(os.environ["OVTUI_HOME"])
    began = time.monotonic()
    undisturbed = start(recipe)
    assert wait(undisturbed) is State.DONE
    took, expected = time.monotonic() - began, essence(undisturbed)
    tally = Tally("kills")
    while tally.tried < count:
        shutil.rmtree(home)
        moment = chance.uniform(0, took)
        with tally.trying("at random", f"after {moment:.2f} s of {took:.1f} s", _SECONDS):
            run = start(recipe)
            engine = engine_of(run)
            time.sleep(moment)
            everybody = _family(engine)
            if not everybody:
                tally.tried -= 1  # it was done before
                tally.held -= 1
                continue
            victim = chance.choice(everybody)
            with contextlib.suppress(psutil.NoSuchProcess):
                victim.kill()
            state = wait(run)
            if left := still_alive(everybody):
                tally.lose(f"{len(left)} processes stay after a kill at {moment:.2f} s")
            if state is State.DONE and essence(run) != expected:
                tally.silent += 1
            again = start(recipe)
            if wait(again) is not State.DONE:
                tally.lose(f"after a kill at {moment:.2f} s: {again.outcome()}")
            elif essence(again) != expected:
                tally.silent += 1
    return tally


def _family(engine: psutil.Process) -> list[psutil.Process]:
    """The engine and all that it started, as long as it lives."""
    with contextlib.suppress(psutil.NoSuchProcess):
        if engine.status() != psutil.STATUS_ZOMBIE:
            return [engine, *engine.children(recursive=True)]
    return []
