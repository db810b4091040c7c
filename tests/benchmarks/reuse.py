"""A second recipe on the same model and data: seconds up to quantization, beside the first's."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.product import report, run, seconds_until
from tests.benchmarks.straight_line import DEMO


def main(arguments: Sequence[str]) -> int:
    """Run the demo, then a recipe of another name with another preset."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=3)
    options = parser.parse_args(arguments)
    ratios = []
    for _ in range(options.pairs):
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            for path in DEMO.iterdir():
                if path.is_file():
                    (folder / path.name).write_bytes(path.read_bytes())
            first = folder / "mobilenetv2-digits.toml"
            second = folder / "another.toml"
            second.write_text(
                first.read_text().replace('preset = "mixed"', 'preset = "performance"')
            )
            home = folder / "home"
            until = [
                seconds_until(home, run(home, str(recipe), "measure.seconds=0.2"), "compress int8")
                for recipe in (first, second)
            ]
        print(f"up to quantization: {until[0]:.2f} s, then {until[1]:.2f} s")
        ratios.append(until[0] / until[1])
    return report("first over second, up to quantization", ratios, 2.0, at_most=False)
