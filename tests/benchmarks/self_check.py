"""What it costs to show that answers are those of fresh requests: a share of the whole run."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

from tests.benchmarks import evaluation
from tests.benchmarks.product import report, run

SAMPLES = 540
"""Of the demo. More samples make the share smaller, since the check takes a few of them."""


def main(arguments: Sequence[str]) -> int:
    """Alternate evaluations with and without the check, then run the demo that they are part of."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=9)
    options = parser.parse_args(arguments)
    costs, whole = [], []
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        evaluation.write_inputs(folder, SAMPLES)
        for pair in range(options.pairs + 1):
            checked, bare = _seconds(folder, "checked"), _seconds(folder, "bare")
            if pair:  # the first reads files and libraries that the others find in memory
                costs.append(checked - bare)
                whole.append(checked)
        ran = run(folder / "home", "mobilenetv2-digits")
    print(
        f"self-check: {median(costs):.3f} s of an evaluation of {median(whole):.2f} s, "
        f"which is part of a run of {ran.seconds:.1f} s"
    )
    return report(
        "self-check over a run", [cost / ran.seconds for cost in costs], 0.02, at_most=True
    )


def _seconds(folder: Path, kind: str) -> float:
    """Wall seconds of an evaluation of both models."""
    checking = mock.patch("ovtui.engine.evaluation.infer.Alone", _Trusting)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        began = time.perf_counter()
        if kind == "checked":
            evaluation.product(folder, Path(place))
        else:
            with checking:
                evaluation.product(folder, Path(place))
        return time.perf_counter() - began


class _Trusting:
    """Stands where the check does, and finds every way to infer right."""

    positions: Sequence[int] = ()
    samples: Sequence[Any] = ()
    tolerance = 0.0

    def __init__(self, *_: Any) -> None:
        """Nothing is inferred."""

    def difference(self, outputs: Any) -> float:
        """None."""
        return 0.0

    difference_of_written = difference
