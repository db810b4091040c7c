"""Compares our medians with those of OpenVINO's benchmark_app on the same file, in one go.

Both tools alternate, in processes of their own, so that drift of the machine meets both; the
ratio of a pair is ours over theirs, and the claim is about the median of the pairs.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import get_args

from ovtui.core.intervals import log_t_interval
from ovtui.engine.benchmark import Mode, Subject, load_warning, measure

TARGET = 0.03
PRINTED = {
    "latency": re.compile(r"Median:\s+([\d.]+) (ms|us)"),
    "throughput": re.compile(r"Throughput:\s+([\d.]+) (FPS)"),
}


def main(arguments: list[str]) -> int:
    """Print one line per mode; the status is 1 when a ratio misses the target."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks benchmark_app")
    parser.add_argument("--model", type=Path, help=".xml with static shapes; default MobileNetV2")
    parser.add_argument("--device", default="CPU")
    parser.add_argument("--seconds", type=int, default=4, help="per tool and pair")
    parser.add_argument("--pairs", type=int, default=12)
    parser.add_argument("--mode", choices=get_args(Mode), action="append", dest="modes")
    parser.add_argument("--against-itself", action="store_true", help="show the machine's noise")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        model = options.model or build_mobilenet(Path(folder))
        within = [compare(mode, model, options) for mode in options.modes or get_args(Mode)]
    return 0 if all(within) else 1


def compare(mode: Mode, model: Path, options: argparse.Namespace) -> bool:
    """Alternate both tools and print the ratio of their results."""
    ratios, others = [], 0.0
    for pair in range(options.pairs):
        values = {}
        for tool in ("ours", "theirs") if pair % 2 else ("theirs", "ours"):
            if tool == "theirs" or options.against_itself:
                values[tool] = theirs(mode, model, options.device, options.seconds)
            else:
                values[tool], load = ours(mode, model, options.device, options.seconds)
                others = max(others, load)
        ratios.append(values["ours"] / values["theirs"])
        print(
            f"  {mode} {values['ours']:10.3f} {values['theirs']:10.3f} {ratios[-1]:.3f}", flush=True
        )
    low, high = log_t_interval(ratios)
    within = abs(median(ratios) - 1) <= TARGET
    verdict = "within" if within else "outside"
    print(
        f"{mode}: ours / benchmark_app = {median(ratios):.4f} "
        f"(mean's 95 % interval {low:.4f} to {high:.4f}), {verdict} {TARGET:.0%}"
    )
    if warning := load_warning(others):
        print(f"  {warning}")
    return within


def ours(mode: Mode, model: Path, device: str, seconds: int) -> tuple[float, float]:
    """Our median in ms, or inferences a second, and the cores that others used."""
    subject = Subject("model", model, device, {}, {"seed": 0})
    measured = measure(
        [subject], seconds=seconds, blocks=5, modes=(mode,), profile=False, log=sys.stderr
    )["model"]
    value = measured.latency.p50_ms if measured.latency else measured.throughput.per_second
    return value, measured.others_cores


def theirs(mode: Mode, model: Path, device: str, seconds: int) -> float:
    """benchmark_app's number of the same kind, from what it prints."""
    start = (  # without the process that importing openvino forks to send usage data
        "import sys; sys.modules['openvino_telemetry'] = None; "
        "from openvino.tools.benchmark.main import main; main()"
    )
    flags = ["-m", str(model), "-d", device, "-hint", mode, "-t", str(seconds)]
    finished = subprocess.run(
        [sys.executable, "-c", start, *flags], check=True, capture_output=True, text=True
    )
    found = PRINTED[mode].search(finished.stdout)
    if found is None:
        raise RuntimeError(f"benchmark_app printed no {mode}: {finished.stdout[-300:]}")
    return float(found[1]) / (1000 if found[2] == "us" else 1)


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
