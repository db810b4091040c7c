"""`python -m tests.benchmarks [NAME]`: the promises about speed and memory, on this machine."""

from __future__ import annotations

import importlib
import sys

BENCHMARKS = {
    "benchmark_app": "latency and throughput against OpenVINO's own tool, target 3 %",
    "overhead": "a run beyond quantizing and measuring over bare library calls, at most 1.5",
    "evaluation": "the tutorial's blocking loop over our evaluation, at least 1.5",
    "evaluation_of_texts": "texts one by one over batches of like length, at least 1.5",
    "self_check": "what shows that answers are those of fresh requests, at most 0.02 of a run",
    "generation": "a token outside of the components, at most 0.8 ms; a step, f32 / INT8, 1.5",
    "decoder_step": "a decoder's step by kinds of operations; f32 / INT8, 1.5 with VNNI",
    "execution": "kernels in f32 and INT8; texts of their own length over 128 tokens, at most 0.75",
    "memory": "peak with 3 000 over 300 calibration samples, at most 1.1",
    "reuse": "a second recipe on the same model and data, at least 2 times faster to quantization",
    "dashboard": "first paint, many runs, bytes, echo, memory; each with its own target",
    "startup": "`ovtui recipes` beyond the bare interpreter, at most 0.15 s",
}
"""Module of this package by name, each with a `main(arguments) -> int`, and what it checks."""


def main() -> int:
    """Run the named benchmark, or all of them; 0 when each holds."""
    name, *options = sys.argv[1:] or ["all"]
    if name != "all" and name not in BENCHMARKS:
        print("usage: python -m tests.benchmarks [NAME [options]]", file=sys.stderr)
        for known, about in BENCHMARKS.items():
            print(f"  {known:<19} {about}", file=sys.stderr)
        return 2
    status = 0
    for chosen in BENCHMARKS if name == "all" else [name]:
        module = importlib.import_module(f"tests.benchmarks.{chosen}")
        status = max(status, int(module.main(options)))
    return status


if __name__ == "__main__":
    sys.exit(main())
