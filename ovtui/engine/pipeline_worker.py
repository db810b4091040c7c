"""Measures a pipeline in a process of its own: `python -m ovtui.engine.pipeline_worker`.

It answers as `measure_worker` does. What it times is a whole answer of a fixed number of tokens,
one after another, so that every variant does the same work; its components' calls beside it.
"""

from __future__ import annotations

import gc
import itertools
import time
from pathlib import Path
from typing import Any

import msgspec

from ovtui.core.errors import SourceError
from ovtui.engine.examples import load_samples
from ovtui.engine.executed_precision import inference_precision
from ovtui.engine.lifeline import peak_rss_bytes
from ovtui.engine.mapped import release
from ovtui.engine.measure_channel import Failure, one_line, serve, shapes
from ovtui.engine.measure_worker import WARM_UP_S
from ovtui.engine.pipeline import Pipeline, compile_components, from_components, from_source
from ovtui.engine.rows import Rows
from ovtui.engine.specification import Pipeline as Files
from ovtui.engine.spool import Arrays

TOKENS = 20
"""Of an answer, where the recipe does not say."""


class Watch:
    """The milliseconds of a component's calls."""

    def __init__(self) -> None:
        self.first: list[float] = []
        self.later: list[float] = []

    def before(self, feed: Arrays, begins: bool) -> None:
        """Nothing is timed before the inference."""

    def after(self, begins: bool, milliseconds: float) -> None:
        (self.first if begins else self.later).append(milliseconds)

    def clear(self) -> None:
        """Forget what was timed."""
        self.first, self.later = [], []


class Worker:
    """Executes commands; holds at most one pipeline."""

    def __init__(self) -> None:
        self.files: Files
        self.command: dict[str, Any] = {}
        self.pipeline: Pipeline | None = None
        self.watches: dict[str, Watch] = {}
        self.samples: list[Arrays] = []
        self.rows: list[Any] = []
        self.position = itertools.count()
        self.tokens = TOKENS

    def load(self, command: dict[str, Any]) -> dict[str, Any]:
        """Build the pipeline and warm it up; replies times in ms, that of the first answer too."""
        self.command = command
        started = time.perf_counter()
        self.files = msgspec.json.decode(Path(command["model"]).read_bytes(), type=Files)
        self.tokens = self.files.recipe.measure.tokens or TOKENS
        self.samples = load_samples(Path(command["inputs"]["npz"]))
        stored = Rows(Path(self.files.rows or ""))
        self.rows = [stored[number] for number in range(len(self.samples))]
        read = time.perf_counter()
        compiled = self._open(command["hint"].upper())
        compile_ms = (time.perf_counter() - read) * 1000
        began = time.perf_counter()
        self._answer(self.samples[0])
        first = (time.perf_counter() - began) * 1000
        while time.perf_counter() < began + WARM_UP_S:
            self._answer(self.samples[0])
        peak = peak_rss_bytes()
        # Unpacked, the weights are not read from the file again: 640 of BLIP's 2570 MB.
        for model in self.files.models.values():
            release(Path(model).with_suffix(".bin"))
        return {
            "read_ms": (read - started) * 1000,
            "compile_ms": compile_ms,
            "first_inference_ms": first,
            "peak_rss_bytes": peak,
            "inference_precision": inference_precision(next(iter(compiled.values()), None)),
            "execution_devices": [command["device"]],
            "optimal_requests": 1,
            "requests": 1,
            "batch": 1,
            "shapes": shapes(self.samples),
            "tokens": self.tokens,
        }

    def block(self, command: dict[str, Any]) -> dict[str, Any]:
        """One block of answers."""
        gc.collect()
        gc.disable()
        try:
            return self._timed(command["seconds"])
        finally:
            gc.enable()

    def _timed(self, seconds: float) -> dict[str, Any]:
        for watch in self.watches.values():
            watch.clear()
        latencies: list[float] = []
        whole: list[float] = []
        assert self.pipeline is not None
        task = self.pipeline.task
        end = time.perf_counter() + seconds
        while not latencies or time.perf_counter() < end:
            row = self.rows[next(self.position) % len(self.rows)]
            began = time.perf_counter()
            inputs = task.inputs(row)
            prepared = time.perf_counter()
            outputs = self._answer(inputs)
            answered = time.perf_counter()
            task.answer(task.prediction([list(outputs.values())]))
            latencies.append((answered - prepared) * 1000)
            whole.append((time.perf_counter() - began) * 1000)
        return {
            "latencies_ms": latencies,
            "end_to_end_ms": whole,
            "components_ms": {name: it.later or it.first for name, it in self.watches.items()},
            "first_calls_ms": {name: it.first for name, it in self.watches.items() if it.later},
        }

    def unload(self, command: dict[str, Any]) -> dict[str, Any]:
        """Let the pipeline go."""
        self.pipeline, self.watches = None, {}
        gc.collect()  # a model and its hooks hold each other
        return {}

    def profile(self, command: dict[str, Any]) -> dict[str, Any]:
        """Nothing: the evaluation of a pipeline's answers tells what its kernels did."""
        return {"executed_precision": {}}

    def _open(self, hint: str) -> dict[str, Any]:
        """Build the pipeline anew; its compiled components, none where PyTorch runs it."""
        self.unload({})
        try:
            if not self.files.models:
                self.pipeline = from_source(self.files)
                return {}
            self.watches = {name: Watch() for name in self.files.models}
            device, properties = self.command["device"], self.command["properties"]
            compiled = compile_components(self.files, device, properties, PERFORMANCE_HINT=hint)
            self.pipeline = from_components(self.files, compiled, self.watches)
        except SourceError as error:
            raise Failure("model", str(error)) from error
        except RuntimeError as error:
            raise Failure("compile", one_line(error)) from error
        return compiled

    def _answer(self, inputs: Arrays) -> Arrays:
        assert self.pipeline is not None
        limits = {"max_new_tokens": self.tokens, "min_new_tokens": self.tokens}
        return self.pipeline.generate(inputs, **limits)


def main() -> None:
    """Answer commands until stdin ends."""
    serve(Worker())


if __name__ == "__main__":
    main()
