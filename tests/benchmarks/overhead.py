"""All of a run beyond `nncf.quantize` and the measuring time, beside the bare library calls."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.product import report, run, straight_line

SECONDS = 1.0
SUBJECTS, MODES = 2, 2


def main(arguments: Sequence[str]) -> int:
    """Alternate a run of the demo with the straight-line script."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=3)
    options = parser.parse_args(arguments)
    ratios, evaluations = [], []
    for number in range(options.pairs):
        with tempfile.TemporaryDirectory() as folder:
            ran = run(Path(folder) / "home", "mobilenetv2-digits", f"measure.seconds={SECONDS}")
            bare = straight_line(Path(folder) / "bare", 300, SECONDS)
        nncf = sum(stage.get("nncf_seconds") or 0 for stage in ran.result["stages"])
        ours = ran.seconds - nncf - SECONDS * SUBJECTS * MODES
        parts = bare["parts"]
        theirs = sum(value for name, value in parts.items() if name not in LEFT_OUT)
        ratios.append(ours / theirs)
        stages = {stage["name"]: stage["seconds"] for stage in ran.result["stages"]}
        evaluations.append(parts["evaluate"] / stages["evaluate"])
        print(
            f"pair {number + 1}: ours {ours:.2f} s of {ran.seconds:.2f} ({stages}), "
            f"bare {theirs:.2f} s of {bare['whole']:.2f} ({parts})"
        )
    return report("run over bare library calls", ratios, 1.5, at_most=True)


LEFT_OUT = ("nncf.quantize", "measure")
