"""Evaluation beside the tutorial's blocking loop, one picture at a time, on the same samples."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.product import report


def main(arguments: Sequence[str]) -> int:
    """Alternate both on the demo's model and test set, repeated to `--samples`."""
    import numpy as np
    import openvino as ov

    from ovtui.core.runs import Run
    from ovtui.engine.infer import infer
    from ovtui.engine.progress import Journal
    from ovtui.engine.spool import Spool, SpoolWriter

    parser = argparse.ArgumentParser()
    parser.add_argument("--samples", type=int, default=5000)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args(arguments)
    ratios = []
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        model = _model(folder)
        generator = np.random.default_rng(0)
        with SpoolWriter(folder, "inputs") as writer:
            for _ in range(options.samples):
                picture = generator.standard_normal((1, 3, 32, 32), dtype=np.float32)
                writer.append({"pixel_values": picture})
        samples = Spool(folder, "inputs")
        properties: dict[str, Any] = {"INFERENCE_PRECISION_HINT": "f32"}
        journal = Journal(Run(folder), "evaluate")
        for _ in range(options.pairs):
            began = time.perf_counter()
            compiled = ov.Core().compile_model(model, "CPU", properties)
            answers = [int(np.argmax(compiled(sample["pixel_values"])[0])) for sample in samples]
            blocking = time.perf_counter() - began
            began = time.perf_counter()
            step = journal.step("fp32", len(samples))
            infer(model, samples, "CPU", properties, True, folder, step)
            ours = time.perf_counter() - began
            outputs = Spool(folder, "outputs")
            assert answers == [int(np.argmax(item["0"])) for item in outputs]
            ratios.append(blocking / ours)
    return report("blocking loop over evaluation", ratios, 1.5, at_most=False)


def _model(folder: Path) -> Path:
    """The demo's network as an IR."""
    import sys

    import openvino as ov
    import torch

    from tests.benchmarks.straight_line import DEMO

    sys.path.insert(0, str(DEMO))
    from mobilenetv2 import mobilenetv2

    torch.manual_seed(0)
    model = ov.convert_model(
        mobilenetv2().eval(), example_input=torch.zeros(1, 3, 32, 32), input=[1, 3, 32, 32]
    )
    ov.save_model(model, folder / "model.xml")
    return folder / "model.xml"
