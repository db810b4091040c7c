"""Runs the product as a person would, in a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple


class Ran(NamedTuple):
    """A finished command: wall seconds, and the `result.json` that it printed."""

    began: float
    """Seconds since the epoch."""
    seconds: float
    result: dict[str, Any]


def run(home: Path, recipe: str, *settings: str) -> Ran:
    """Run a recipe to its end."""
    command = [sys.executable, "-m", "ovtui.cli", "run", recipe, "--json"]
    for setting in settings:
        command += ["--set", setting]
    began = time.time()
    done = subprocess.run(
        command, env=os.environ | {"OVTUI_HOME": str(home)}, stdout=subprocess.PIPE, check=True
    )
    return Ran(began, time.time() - began, json.loads(done.stdout))


def seconds_until(home: Path, ran: Ran, stage: str) -> float:
    """Seconds from typing the command to the start of a stage."""
    lines = (home / "runs" / ran.result["run"] / "events.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    started = (item for item in events if item["event"] == "stage started")
    return float(next(item["time"] for item in started if item["stage"] == stage)) - ran.began


def straight_line(folder: Path, samples: int, seconds: float) -> dict[str, Any]:
    """The same work with library calls alone."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.benchmarks.straight_line",
            str(folder),
            str(samples),
            str(seconds),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def report(name: str, ratios: list[float], target: float, *, at_most: bool) -> int:
    """Print ratios of one benchmark, their median, and whether it holds; 0 when it does."""
    ordered = sorted(ratios)
    median = ordered[len(ordered) // 2]
    holds = median <= target if at_most else median >= target
    bound = "at most" if at_most else "at least"
    each = ", ".join(f"{ratio:.3f}" for ratio in ratios)
    print(f"{name}: {median:.3f} ({bound} {target}): {'holds' if holds else 'MISSED'}  [{each}]")
    return 0 if holds else 1
