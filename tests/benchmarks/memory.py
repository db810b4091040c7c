"""Peak memory of a run with ten times the calibration samples."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.product import report, run
from tests.benchmarks.straight_line import DEMO

# Digits with noise: as many different samples as anyone asks for.
_DATA = """
import numpy as np
from digits import digits

class Noisy:
    def __init__(self, split):
        self.rows = digits(split)
    def __len__(self):
        return 4000 if len(self.rows) > 600 else len(self.rows)
    def __getitem__(self, index):
        row = self.rows[index % len(self.rows)]
        noise = np.random.default_rng(index).integers(-20, 20, row["image"].shape)
        image = (row["image"].astype(int) + noise).clip(0, 255).astype(np.uint8)
        return {"image": image, "label": row["label"]}

def rows(split):
    return Noisy(split)
"""


def main(arguments: Sequence[str]) -> int:
    """Run the demo's network with 300 and with 3 000 samples."""
    peaks = {}
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        for path in (*DEMO.glob("*.py"), *DEMO.glob("*.safetensors"), *DEMO.glob("*.toml")):
            (folder / path.name).write_bytes(path.read_bytes())
        (folder / "noisy.py").write_text(_DATA)
        for samples in (300, 3000):
            ran = run(
                folder / f"home-{samples}",
                str(folder / "mobilenetv2-digits.toml"),
                "data.source=noisy.py:rows",
                f"data.calibration.samples={samples}",
                "measure.seconds=0.3",
            )
            assert ran.result["calibration"]["samples"] == samples
            peaks[samples] = {
                stage["name"]: stage["peak_rss_bytes"] for stage in ran.result["stages"]
            }
            mib = {name: round(peak / 2**20) for name, peak in peaks[samples].items()}
            print(f"{samples} samples: {mib} MiB")
    ratio = max(peaks[3000].values()) / max(peaks[300].values())
    worst = peaks[3000]["compress int8"] / peaks[300]["compress int8"]
    missed = report("peak of the run, 3 000 over 300 samples", [ratio], 1.1, at_most=True)
    return missed + report("peak of quantization alone", [worst], 1.1, at_most=True)
