"""Compares our numbers with those of OpenVINO's benchmark_app on the same file, in one go.

benchmark_app runs as it is, from parsing its flags to its own timed loop; only that loop is
entered once per block, so that its blocks and ours can alternate. On a virtual machine whole runs
of 3 s differ by 25 % from one to the next, with the same tool; short pairs meet the same machine.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import IO, get_args

from ovtui.core.reports.sweep_wording import in_words
from ovtui.core.results.sweep import Setting
from ovtui.core.statistics.blocks import percentile
from ovtui.core.statistics.intervals import order_statistics_interval
from ovtui.engine.measuring.benchmark import MIN_COUNT, Mode, Subject
from ovtui.engine.measuring.load import cpu_times, load_of_others, load_warning
from ovtui.engine.measuring.messages import (
    Block,
    LatencyBlock,
    RandomInputs,
    Ready,
    ThroughputBlock,
)
from ovtui.engine.measuring.process import MeasureProcess

TARGET = 0.03
POINT = Setting(streams=2, batch=4)
"""Of a sweep."""

DRIVER = """
import json, os, sys
sys.modules["openvino_telemetry"] = None  # importing openvino would fork a process that sends data
replies = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)
from openvino.tools.benchmark.benchmark import Benchmark
from openvino.tools.benchmark.main import main
loop = Benchmark.main_loop

def in_blocks(self, *arguments):
    print(json.dumps("ready"), file=replies)
    for line in sys.stdin:
        for self.duration_seconds in json.loads(line):
            fps, median_ms, *rest = result = loop(self, *arguments)
        print(json.dumps([median_ms, fps]), file=replies)
    return result

Benchmark.main_loop = in_blocks
main()
"""


def main(arguments: list[str]) -> int:
    """Print one line per mode; the status is 1 when a ratio misses the target."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks benchmark_app")
    parser.add_argument("--model", type=Path, help=".xml with static shapes; default MobileNetV2")
    parser.add_argument("--device", default="CPU")
    parser.add_argument("--seconds", type=float, default=0.3, help="of one block")
    parser.add_argument("--pairs", type=int, default=100, help="of blocks, at least 6")
    parser.add_argument("--mode", choices=get_args(Mode), action="append", dest="modes")
    parser.add_argument("--verbose", action="store_true", help="print every pair")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        model = options.model or build_mobilenet(Path(folder))
        with tempfile.TemporaryFile() as log:
            within = [
                compare(mode, model, options, log) for mode in options.modes or get_args(Mode)
            ]
            if "throughput" in (options.modes or get_args(Mode)):
                within.append(compare("throughput", model, options, log, POINT))
    return 0 if all(within) else 1


def compare(
    mode: Mode,
    model: Path,
    options: argparse.Namespace,
    log: IO[bytes],
    point: Setting | None = None,
) -> bool:
    """Alternate blocks of both tools and print the ratio of their results, ours over theirs."""
    hint = ["-hint", mode]
    if point is not None:
        hint = ["-hint", "none", "-nstreams", str(point.streams), "-b", str(point.batch)]
        print(f"{in_words(point)}: ", end="")
    batch, streams = (point.batch, {"NUM_STREAMS": point.streams}) if point else (1, {})
    subject = Subject("ours", model, options.device, {}, RandomInputs())
    process = MeasureProcess(subject, log.fileno())
    try:
        process.receive(Ready)
        process.load(mode, batch, streams)
        with benchmark_app(hint, model, options.device, log) as theirs:
            pids = [process.pid, theirs.pid]
            before = cpu_times(pids)
            ours_seen, theirs_seen = [], []
            for pair in range(options.pairs):
                if pair % 2:
                    ours_seen.append(batch * our_block(process, mode, options.seconds))
                theirs_seen.append(their_block(theirs, mode, options.seconds))
                if not pair % 2:
                    ours_seen.append(batch * our_block(process, mode, options.seconds))
                if options.verbose:
                    print(f"  {mode} {ours_seen[-1]:10.3f} {theirs_seen[-1]:10.3f}", flush=True)
            others = load_of_others(before, cpu_times(pids))
    finally:
        process.kill()
    return report(mode, ours_seen, theirs_seen, others)


def report(mode: Mode, ours: list[float], theirs: list[float], others: float) -> bool:
    """Print the median of the pairs' ratios, and whether it is within the target."""
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    low, high = order_statistics_interval(ratios)
    within = abs(median(ratios) - 1) <= TARGET
    unit = "ms" if mode == "latency" else "a second"
    print(
        f"{mode}: ours {median(ours):.3f} {unit}, benchmark_app {median(theirs):.3f}; "
        f"ratio {median(ratios):.4f} ({low:.4f} to {high:.4f}, {len(ratios)} pairs), "
        f"{'within' if within else 'outside'} {TARGET:.0%}"
    )
    if warning := load_warning(others):
        print(f"  {warning}")
    return within


def our_block(process: MeasureProcess, mode: Mode, seconds: float) -> float:
    """Our median in ms, or inferences a second."""
    command = Block(seconds=seconds, min_count=MIN_COUNT)
    if mode == "latency":
        block = process.ask(LatencyBlock, command)
        return percentile(sorted(block.latencies_ms), 50)
    count = process.ask(ThroughputBlock, command)
    return count.count / count.seconds


def their_block(process: subprocess.Popen[str], mode: Mode, seconds: float) -> float:
    """Their number of the same kind, after a short unreported block as before each of ours."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(json.dumps([0.05, seconds]) + "\n")
    process.stdin.flush()
    median_ms, per_second = json.loads(process.stdout.readline())
    return float(median_ms if mode == "latency" else per_second)


@contextmanager
def benchmark_app(
    hint: list[str], model: Path, device: str, log: IO[bytes]
) -> Iterator[subprocess.Popen[str]]:
    """benchmark_app with a compiled model and its first inference done, waiting for a block."""
    flags = ["-m", str(model), "-d", device, *hint, "-t", "1"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", DRIVER, *flags], stdin=pipe, stdout=pipe, stderr=log, text=True
    ) as process:
        try:
            assert process.stdout is not None
            if not process.stdout.readline():
                raise RuntimeError("benchmark_app ended before its measurement")
            yield process
        finally:
            process.kill()


def build_mobilenet(folder: Path) -> Path:
    """Save an untrained MobileNetV2 of the demonstration as IR with one image as input."""
    import openvino as ov
    import torch

    sys.path.insert(0, str(Path(__file__).parents[2] / "recipes" / "demo"))
    from mobilenetv2 import mobilenetv2

    torch.manual_seed(0)
    image = torch.rand(1, 3, 32, 32)
    converted = ov.convert_model(
        mobilenetv2().eval(), example_input=image, input=[ov.PartialShape(list(image.shape))]
    )
    path = folder / "mobilenetv2.xml"
    ov.save_model(converted, path)
    return path
