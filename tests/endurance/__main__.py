"""`python -m tests.endurance`: kills, damage and bad files by the thousand; prints its counts.

It takes an hour and is no part of the tests. What it finds becomes a test of its own.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from pathlib import Path

from tests.endurance import bad_inputs, cache_damage, hostile_homes, kills

ATTACKS = {
    "kills": (kills.attack, 200, "kill -9 of an engine or one of its processes at a random moment"),
    "cache": (cache_damage.attack, 100, "damage to a random file of the cache, then the same run"),
    "homes": (hostile_homes.attack, 2_000, "run folders with damaged files, read by every command"),
    "inputs": (bad_inputs.attack, 100_000, "generated files for every reader"),
}


def main() -> int:
    """Attack; 0 when nothing was lost, hung or passed over in silence."""
    parser = argparse.ArgumentParser(prog="python -m tests.endurance", description=__doc__)
    for name, (_, count, about) in ATTACKS.items():
        parser.add_argument(f"--{name}", type=int, default=count, metavar="COUNT", help=about)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    failed = False
    for name, (attack, _, _) in ATTACKS.items():
        if not (count := getattr(options, name)):
            continue
        with tempfile.TemporaryDirectory() as folder:
            _move_to(Path(folder))
            tally = attack(Path(folder), count, random.Random(options.seed))
        print(tally, flush=True)
        failed |= tally.failed or not tally.tried
    return int(failed)


def _move_to(folder: Path) -> None:
    """Have everything of ovtui in a folder that is removed afterwards."""
    (folder / "locks").mkdir()
    os.environ.update(
        OVTUI_HOME=str(folder / "home"),
        OVTUI_LOCKS=str(folder / "locks"),
        OVTUI_CONFIG=str(folder / "config"),
        HF_HUB_OFFLINE="1",
    )


if __name__ == "__main__":
    sys.exit(main())
