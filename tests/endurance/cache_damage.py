"""Damage to the cache: it is told, and the run ends as ever."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
from pathlib import Path

from ovtui.core.runs import events
from ovtui.core.runs.run_folder import Run, State
from tests.endurance.tally import Tally
from tests.endurance.tiny_runs import essence, start, wait, write_recipe
from tests.support.preloaded import Server, forked_by

_SECONDS = 1200
_KINDS = ("one byte", "the other bits", "other JSON", "shorter", "longer", "gone")


def attack(folder: Path, count: int, chance: random.Random) -> Tally:
    """Damage one file of a finished output `count` times, and run the same again."""
    recipe, home = write_recipe(folder / "recipe"), Path(os.environ["OVTUI_HOME"])
    undisturbed = start(recipe, measured=False)
    assert wait(undisturbed) is State.DONE
    expected, tally = essence(undisturbed), Tally("cache")
    with contextlib.closing(Server()) as server, forked_by(server):
        while tally.tried < count:
            path = chance.choice(_kept(home / "cache"))
            kind = chance.choice(_KINDS)
            note = f"{kind}: {path.relative_to(home / 'cache')}"
            with tally.trying(kind, note, _SECONDS):
                _damage(path, kind, chance)
                run = start(recipe, measured=False)
                if wait(run) is not State.DONE:
                    tally.lose(f"{note}: {run.outcome()}")
                elif essence(run) != expected:
                    tally.pass_over(f"{note}: another result")
                elif not any("made anew" in words for words in _warnings(run)):
                    tally.pass_over(f"{note}: not told")
                shutil.rmtree(run.folder)
    return tally


def _warnings(run: Run) -> list[str]:
    return [it.message for it in run.tail().events if isinstance(it, events.Warned)]


def _kept(cache: Path) -> list[Path]:
    """Every file of a finished output that has bytes to be damaged."""
    found = []
    for entry in sorted(cache.glob("*/entry.json")):
        names = [*json.loads(entry.read_bytes()), entry.name]
        found += [path for name in names if (path := entry.parent / name).stat().st_size]
    return found


def _damage(path: Path, kind: str, chance: random.Random) -> None:
    """As a disk, a person or another program would: times and, mostly, the size stay."""
    status, data = path.stat(), bytearray(path.read_bytes())
    at = chance.randrange(len(data))
    match kind:
        case "one byte":
            data[at] ^= 1 << chance.randrange(8)
        case "the other bits":
            data[at:] = bytes(b ^ 255 for b in data[at:])
        case "other JSON":
            data[:] = b'{"a": [1, null]}'
        case "shorter":
            del data[at:]
        case "longer":
            data[at:at] = b"0"
    path.unlink()  # other outputs may have linked it
    if kind != "gone":
        path.write_bytes(data)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
