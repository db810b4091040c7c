"""The demo's work with library calls alone, written straight down: the measure of overhead.

`python -m tests.benchmarks.straight_line FOLDER CALIBRATION_SAMPLES SECONDS`: prints one JSON
object with the seconds of each part and the peak of resident memory.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

DEMO = Path(__file__).resolve().parents[2] / "recipes" / "demo"


def main() -> None:  # noqa: D103
    out, samples, seconds = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    out.mkdir(parents=True, exist_ok=True)
    parts: dict[str, float] = {}
    began = last = time.perf_counter()

    def part(name: str) -> None:
        nonlocal last
        now = time.perf_counter()
        parts[name] = parts.get(name, 0.0) + now - last
        last = now

    import nncf
    import numpy as np
    import openvino as ov
    import torch
    from safetensors.torch import load_file

    sys.path.insert(0, str(DEMO))
    from digits import digits
    from mobilenetv2 import mobilenetv2

    part("import")
    model = mobilenetv2()
    model.load_state_dict(load_file(DEMO / "mobilenetv2-digits.safetensors"))
    model.eval()
    part("load")
    converted = ov.convert_model(model, example_input=torch.zeros(1, 3, 32, 32))
    converted.reshape([1, 3, 32, 32])
    ov.save_model(converted, out / "fp32.xml")
    part("convert")

    def pixels(row: dict) -> np.ndarray:
        picture = (row["image"].astype(np.float32) / 255 - 0.5) / 0.5
        return np.ascontiguousarray(picture.transpose(2, 0, 1)[None])

    train, test = digits("train"), digits("test")
    # Repeated where the data set is smaller than the samples asked for.
    calibration = [pixels(train[index % len(train)]) for index in range(samples)]
    part("data")
    quantized = nncf.quantize(converted, nncf.Dataset(calibration), subset_size=samples)
    part("nncf.quantize")
    ov.save_model(quantized, out / "int8.xml")
    part("save")

    core = ov.Core()
    f32 = {"INFERENCE_PRECISION_HINT": "f32"}
    found = {}
    for name, properties in (("fp32", f32), ("int8", {})):
        compiled = core.compile_model(out / f"{name}.xml", "CPU", properties)
        right = sum(int(np.argmax(compiled(pixels(row))[0]) == row["label"]) for row in test)
        found[name] = right / len(test)
        part("evaluate")
    for name, properties in (("fp32", f32), ("int8", {})):
        for hint in ("LATENCY", "THROUGHPUT"):
            compiled = core.compile_model(
                out / f"{name}.xml", "CPU", {"PERFORMANCE_HINT": hint, **properties}
            )
            part("compile to measure")
            queue = ov.AsyncInferQueue(compiled)
            sample = {0: pixels(test[0])}
            until = time.perf_counter() + seconds
            while time.perf_counter() < until:
                if hint == "LATENCY":
                    queue[0].infer(sample)
                else:
                    queue.start_async(sample)
            queue.wait_all()
            part("measure")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    whole = time.perf_counter() - began
    print(json.dumps({"parts": parts, "whole": whole, "peak_rss_bytes": peak, "accuracy": found}))


if __name__ == "__main__":
    main()
