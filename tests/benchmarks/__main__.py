"""`python -m tests.benchmarks NAME [options]`: check a promise about speed on this machine."""

from __future__ import annotations

import importlib
import sys

BENCHMARKS = {
    "benchmark_app": "latency and throughput against OpenVINO's own tool, target 3 %",
}
"""Module of this package by name, each with a `main(arguments) -> int`, and what it checks."""


def main() -> int:
    """Run the named benchmark, or list them."""
    if len(sys.argv) < 2 or sys.argv[1] not in BENCHMARKS:
        print("usage: python -m tests.benchmarks NAME [options]", file=sys.stderr)
        for name, about in BENCHMARKS.items():
            print(f"  {name:<16} {about}", file=sys.stderr)
        return 2
    module = importlib.import_module(f"tests.benchmarks.{sys.argv[1]}")
    status: int = module.main(sys.argv[2:])
    return status


if __name__ == "__main__":
    sys.exit(main())
