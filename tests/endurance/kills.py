"""Kills at random moments: the state is true, nobody stays, the same run again ends as ever."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from ovtui.core.files.locks import is_locked
from ovtui.core.machine.turns import MEASUREMENT_LOCK
from ovtui.core.runs import events
from ovtui.core.runs.run_folder import Run, State
from tests.endurance.tally import Tally
from tests.endurance.tiny_runs import essence, start, wait, write_recipe
from tests.support.engines import engine_of, is_zombie, still_alive
from tests.support.preloaded import Server, forked_by

_SECONDS = 1200
_KINDS = ("the engine", "one process", "everything")
_AGAIN = 0.7
"""How often the run that goes on after a kill is killed as well: mostly, as it costs less."""
_MEASURED, _WITH_IMPORTS = 0.2, 0.1
"""How often a row's runs measure as well, and import what they need themselves: each makes a run
several times as long."""


def attack(folder: Path, count: int, chance: random.Random) -> Tally:
    """Kill the engine, one of its processes or all of them, `count` times.

    Each row of kills starts with some of the stages done, and ends with a run that is left alone.
    """
    home = Path(os.environ["OVTUI_HOME"])
    recipe, whole, tally = write_recipe(folder / "recipe"), folder / "whole", Tally("kills")
    undisturbed = start(recipe)
    assert wait(undisturbed) is State.DONE
    shutil.copytree(home, whole)
    row = Row(tally, recipe, essence(undisturbed), chance)
    with contextlib.closing(Server()) as server:
        while tally.tried < count:
            shutil.rmtree(home)
            shutil.copytree(whole, home)
            for entry in sorted((home / "cache").iterdir()):
                if chance.random() < 0.5:
                    shutil.rmtree(entry)
            imports = chance.random() < _WITH_IMPORTS
            with contextlib.nullcontext() if imports else forked_by(server):
                row.run()
    return tally


@dataclass(slots=True)
class Row:
    """Kills of the same run, one after the other.

    Attributes:
        tally: where they are counted.
        recipe: of the run.
        expected: its essence.
        chance: what is random.
        took: seconds of the last run that was left alone.
    """

    tally: Tally
    recipe: Path
    expected: Any
    chance: random.Random
    took: float = 5.0

    def run(self) -> None:
        """Kill until one is left alone, and look at what that one found."""
        told: list[str] = []
        measured = self.chance.random() < _MEASURED
        while not told or self.chance.random() < _AGAIN:
            kind, moment = self.chance.choice(_KINDS), self.chance.uniform(0, self.took)
            run = start(self.recipe, measured=measured)
            everybody = _family_at(run, time.monotonic() + moment)
            if not everybody:  # it was done before: it counts for nothing, and is right
                told.append("none")
                self._look_at_result(run, told)
                continue
            told.append(f"{kind} after {moment:.2f} s")
            with self.tally.trying(kind, ", ".join(told), _SECONDS):
                self._kill(run, kind, everybody, told)
        began = time.monotonic()
        self._look_at_result(start(self.recipe, measured=measured), told)
        self.took = time.monotonic() - began

    def _kill(self, run: Run, kind: str, everybody: list[psutil.Process], told: list[str]) -> None:
        children = everybody[1:]
        victims = {
            "the engine": everybody[:1],
            "one process": [self.chance.choice(children or everybody)],
            "everything": everybody,
        }[kind]
        for victim in victims:
            with contextlib.suppress(psutil.NoSuchProcess):
                victim.kill()
        wait(run)
        if left := still_alive(everybody):
            self.tally.lose(f"{', '.join(told)}: {len(left)} processes stay")
        if why := _untrue(run, engine=everybody[0] in victims):
            self.tally.lose(f"{', '.join(told)}: {why}")

    def _look_at_result(self, run: Run, told: list[str]) -> None:
        """A run that nobody disturbed ends as ever, and leaves nothing of those before it."""
        if wait(run) is not State.DONE:
            self.tally.lose(f"after {', '.join(told)}: {run.outcome()}")
        elif essence(run) != self.expected:
            self.tally.pass_over(f"after {', '.join(told)}: another result")
        elif left := _left_behind(run):
            self.tally.lose(f"after {', '.join(told)}: {', '.join(left)} stay")


def _family_at(run: Run, moment: float) -> list[psutil.Process]:
    """The engine and all that it started, at a moment; none where it has ended by then."""
    engine = engine_of(run)
    while time.monotonic() < moment and not is_zombie(engine):
        time.sleep(0.01)
    with contextlib.suppress(psutil.NoSuchProcess):
        if not is_zombie(engine):
            return [engine, *engine.children(recursive=True)]
    return []


def _untrue(run: Run, *, engine: bool) -> str:
    """What is not as it should be of a run whose engine, or one of its processes, was killed."""
    match run.state(), run.outcome():
        case State.DIED, _ if engine:
            pass
        case State.FAILED, events.Failed(kind="killed", message=message) if not engine and message:
            pass
        case State.DONE, _:  # the kill came too late, or to a process that was started again
            pass
        case state, outcome:
            return f"it is {state}: {outcome}"
    locks = Path(os.environ["OVTUI_LOCKS"])
    held = (run.lock_path, locks / "ovtui-engine.lock", locks / MEASUREMENT_LOCK)
    return ", ".join(f"{path.name} is held" for path in held if is_locked(path))


def _left_behind(run: Run) -> list[str]:
    """Half-written files, and tickets, of runs that are gone."""
    home, locks = Path(os.environ["OVTUI_HOME"]), Path(os.environ["OVTUI_LOCKS"])
    found = [*home.glob("cache/.*-*.*"), *locks.glob("ovtui-ticket-*")]
    found += [*home.glob("runs/*/.reserve"), *home.glob("runs/*/.*.json.*")]
    found += filter(is_locked, home.glob("cache/.owners/*"))
    return [path.name if path.parent == locks else str(path.relative_to(home)) for path in found]
