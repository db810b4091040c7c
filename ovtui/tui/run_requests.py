"""Requests for runs that no form asks for: a model file measured, and a run once more."""

from __future__ import annotations

import msgspec

from ovtui.core.machine.machine import all_versions, machine
from ovtui.core.runs import request
from ovtui.core.runs.run_folder import Bench, Request, Run


def of_model_file(path: str) -> Request:
    """Returns a request to measure one model file, as `ovtui bench` does."""
    bench = Bench(models=[path], hints=["latency", "throughput"], seconds=5.0)
    return request.bench_request(bench, device="CPU", argv=["bench", path])


def again(run: Run) -> Request:
    """Returns the request of a run as a new one: of now, on this machine.

    Raises:
        UserError: its `run.json` cannot be read.
    """
    return msgspec.structs.replace(
        run.request(), created=request.now(), versions=all_versions(), machine=machine()
    )
