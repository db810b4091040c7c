"""The dashboard in a terminal of 80×24: its first paint, what it sends, how soon it answers."""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.product import report
from tests.benchmarks.terminal import DASHBOARD, Terminal
from tests.support.run_folders import write_done

BARE = """
from textual.app import App
from textual.widgets import Static

class Bare(App):
    def compose(self):
        yield Static("bare application")

Bare().run()
"""
FRAME = ("ovtui", "0 Overview", "7 Ask", "Now", "help")
"""Title, places, name of the list and last line: what the first paint must have sent."""
FRAME_OF_RUNS = ("ovtui", "0 Overview", "7 Ask", "state", "help")
KEYS = (
    "j",
    "k",
    "\t",
    "\x1b[Z",
    "\r",
    "\x1b",
    "1",
    "2",
    "3",
    "4",
    "5",
    "\t",
    "\t",
    "6",
    "7",
    "0",
    "?",
    "\x1b",
)
KILO = 1_000


def main(arguments: Sequence[str]) -> int:
    """Print each figure with its target; 0 when all hold."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=25)
    parser.add_argument("--runs", type=int, default=10_000)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        missed = first_paint(folder / "empty", options.pairs)
        missed += many_runs(folder, options.pairs, options.runs)
        missed += sent(folder / "few")
        missed += while_a_run_works(folder / "busy")
    return 1 if missed else 0


@contextmanager
def shown(home: Path, *words: str, command: Sequence[str] = DASHBOARD) -> Iterator[Terminal]:
    """A program until all words are on the screen."""
    terminal = Terminal(command, {"OVTUI_HOME": str(home)})
    try:
        terminal.until(*words)
        yield terminal
    finally:
        terminal.end()


def painted(home: Path, *words: str, command: Sequence[str] = DASHBOARD) -> tuple[float, float]:
    """Wall and processor seconds from the start of the process to these words."""
    terminal = Terminal(command, {"OVTUI_HOME": str(home)})
    try:
        took = terminal.until(*words)
        return took, terminal.cpu_seconds()
    finally:
        terminal.end()


def first_paint(home: Path, pairs: int) -> int:
    """The frame of the dashboard beside a bare application with one line, in turns."""
    home.mkdir()
    bare = (sys.executable, "-c", BARE)
    walls, cpus, filled = [], [], []
    for number in range(pairs + 1):
        theirs = painted(home, "bare application", command=bare)
        ours = painted(home, *FRAME)
        full = painted(home, *FRAME, "No runs yet.")
        if number:  # the first ones read files that the others find in memory
            walls.append(ours[0] / theirs[0])
            cpus.append(ours[1] / theirs[1])
            filled.append(full[0] / theirs[0])
    print(f"first paint: title, places, head of the list and keys; {pairs} pairs in turns")
    missed = report("first paint over a bare Textual application", walls, 1.3, at_most=True)
    print(f"  in processor time: {statistics.median(cpus):.2f}")
    print(f"  until the list is filled: {statistics.median(filled):.2f}")
    return missed


def many_runs(folder: Path, pairs: int, count: int) -> int:
    """First paint, filled list and scrolling with many runs in the home, and with one."""
    one, many = folder / "one", folder / "many"
    template = write_done(one).folder
    for number in range(count):
        target = many / "runs" / f"20250101-{number:06d}-digits-{number:04x}"
        target.mkdir(parents=True)
        for path in template.iterdir():
            if path.is_file():
                os.link(path, target / path.name)
    ratios = []
    for number in range(pairs + 1):
        few = painted(one, *FRAME_OF_RUNS, "digits", "done")
        full = painted(many, *FRAME_OF_RUNS, "digits", "done")
        if number:
            ratios.append(full[0] / few[0])
    missed = report(f"filled list with {count} runs over one", ratios, 1.5, at_most=True)
    with shown(many, *FRAME_OF_RUNS, "digits", "done") as terminal:
        terminal.read(2.0)
        echoes = _echoes(terminal, [*(20 * ["\x04", "\x04", "\x15"]), "G"])
    print(f"slowest key in that list: {max(echoes) * KILO:.0f} ms")
    middle = statistics.median(echoes) * KILO
    return missed + _at_most("scrolling in that list, median key", middle, 50, "ms")


def sent(home: Path) -> int:
    """Bytes to the terminal: idle, and for each key; memory after all places were shown."""
    for number in range(5):
        write_done(home, number)
    with shown(home, *FRAME_OF_RUNS, "digits", "done") as terminal:
        terminal.read(3.0)
        missed = _at_most("idle", len(terminal.read(10.0)) / 10, 0, "bytes/s")
        most = {key: len(terminal.press(key)) for key in KEYS}
        worst = max(most, key=lambda key: most[key])
        missed += _at_most(f"a key, the worst is {worst!r}", most[worst], 10 * KILO, "bytes")
        mb = terminal.rss_bytes() / 1e6
    return missed + _at_most("memory after every place", mb, 100, "MB")


def while_a_run_works(home: Path) -> int:
    """A real run that measures, on every core: bytes to the terminal, and echoes of two keys.

    Tab moves to the next pane, which is the whole screen here: 14 ms of work, a cursor key 4.
    """
    env = {**os.environ, "OVTUI_HOME": str(home)}
    run = [*DASHBOARD, "run", "mobilenetv2-digits", "--set", "measure.seconds=60"]
    engine = subprocess.Popen(
        run, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        with shown(home, *FRAME_OF_RUNS, "running", "help") as terminal:
            terminal.press("\t")  # the page with the live step
            terminal.read(5.0)
            missed = _at_most("one active run", len(terminal.read(20.0)) / 20, KILO, "bytes/s")
            echoes = _echoes(terminal, 100 * ["\t", "\x1b[Z"])
            terminal.press("2")
            terminal.read(1.0)
            for key, found in (
                ("cursor", _echoes(terminal, 100 * ["j", "k"])),
                ("next pane", echoes),
            ):
                p50, p99 = (statistics.quantiles(found, n=100)[at] * KILO for at in (49, 98))
                print(f"key to echo, median, all cores busy, {key}: {p50:.0f} ms")
                what = f"key to echo, 99th percentile, all cores busy, {key}"
                missed += _at_most(what, p99, 50, "ms")
            print(f"load of the machine: {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores")
            mb = terminal.rss_bytes() / 1e6
            return missed + _at_most("memory beside a run", mb, 100, "MB")
    finally:
        os.killpg(engine.pid, signal.SIGINT)
        engine.wait()


def _echoes(terminal: Terminal, keys: Sequence[str]) -> list[float]:
    """Seconds from each key to its echo; all that an earlier key sent comes before the next."""
    found = []
    for key in keys:
        terminal.read(0.15)
        found.append(terminal.echo(key))
    return found


def _at_most(what: str, value: float, target: float, unit: str) -> int:
    holds = value <= target
    told = "holds" if holds else "MISSED"
    print(f"{what}: {value:,.0f} {unit} (at most {target:,} {unit}): {told}")
    return 0 if holds else 1
