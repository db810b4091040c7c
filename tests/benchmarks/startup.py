"""`ovtui recipes` beside the bare interpreter."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

TARGET_SECONDS = 0.15
RUNS = 15


def main(arguments: Sequence[str]) -> int:
    """Alternate both, after one of each that is not counted."""
    commands = {
        "bare": [sys.executable, "-c", "pass"],
        "recipes": [sys.executable, "-m", "ovtui.cli", "recipes"],
    }
    took: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(RUNS + 1):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            if number:
                took[name].append(time.perf_counter() - began)
    beyond = statistics.median(took["recipes"]) - statistics.median(took["bare"])
    holds = beyond <= TARGET_SECONDS
    print(
        f"ovtui recipes beyond the bare interpreter: {beyond:.3f} s "
        f"(at most {TARGET_SECONDS}): {'holds' if holds else 'MISSED'}"
    )
    return 0 if holds else 1
