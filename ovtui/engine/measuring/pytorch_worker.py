"""Measures the PyTorch model: `python -m ovtui.engine.measuring.pytorch_worker`.

It answers as `worker` does. Its calls are synchronous in both modes, in f32, with as many
threads as PyTorch chooses.
"""

from __future__ import annotations

import gc
import time
from pathlib import Path

import msgspec
import torch

from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.examples import load_samples
from ovtui.engine.measuring.channel import Failure, serve, shapes, stored_path
from ovtui.engine.measuring.messages import (
    Block,
    LatencyBlock,
    Load,
    Loaded,
    Mode,
    Profiled,
    ThroughputBlock,
)
from ovtui.engine.models.module_inputs import taken_by
from ovtui.engine.models.pytorch import call, tensors_of
from ovtui.engine.processes.lifeline import peak_rss_bytes
from ovtui.engine.processes.memory import trim_heap
from ovtui.engine.tasks import open_model

WARM_UP_S = 0.2
REWARM_S = 0.02


class PyTorchWorker:
    """Executes commands; holds at most one model."""

    def __init__(self) -> None:
        self.module: torch.nn.Module | None = None
        self.samples: list[dict[str, torch.Tensor]] = []
        self.position = 0
        self.hint: Mode
        self.warm = False

    def load(self, command: Load) -> Loaded:
        """Loads the model and calls it once; replies times in ms.

        Raises:
            Failure: the model cannot be loaded.
        """
        self.warm, self.hint = False, command.hint
        started = time.perf_counter()
        described = msgspec.json.decode(Path(command.model).read_bytes(), type=PlacedRecipe)
        try:
            module = open_model(described)
        except SourceError as error:
            raise Failure("model", str(error)) from error
        assert isinstance(module, torch.nn.Module)
        self.module = module.eval()
        read = time.perf_counter()
        stored = load_samples(stored_path(command))
        if described.recipe.task_info.arrays:
            taken = taken_by(self.module, stored[0])
            stored = [taken.of(sample) for sample in stored]
        self.samples = [tensors_of(sample) for sample in stored]
        first = self._timed()
        peak = peak_rss_bytes()
        trim_heap()
        return Loaded(
            read_ms=(read - started) * 1000,
            compile_ms=0.0,
            first_inference_ms=first,
            peak_rss_bytes=peak,
            inference_precision="f32",
            execution_devices=["CPU"],
            shapes=shapes(self.samples),
            framework=f"torch {torch.__version__}",
            threads=torch.get_num_threads(),
        )

    def block(self, command: Block) -> LatencyBlock | ThroughputBlock:
        """Measures one block of the mode that was loaded, after a warm-up that is not reported."""
        gc.collect()
        gc.disable()
        try:
            self._run(REWARM_S if self.warm else WARM_UP_S, 1)
            self.warm = True
            started = time.perf_counter()
            times = self._run(command.seconds, command.min_count)
            seconds = time.perf_counter() - started
        finally:
            gc.enable()
        if self.hint == "latency":
            return LatencyBlock(times)
        return ThroughputBlock(len(times), seconds)

    def unload(self) -> None:
        """Lets the model go."""
        self.module = None

    def profile(self) -> Profiled:
        """Returns nothing: PyTorch does not tell the time by precision; its weights and arithmetic
        are f32.
        """
        return Profiled()

    def _run(self, seconds: float, min_count: int) -> list[float]:
        times: list[float] = []
        end = time.perf_counter() + seconds
        while time.perf_counter() < end or len(times) < min_count:
            times.append(self._timed())
        return times

    def _timed(self) -> float:
        """Milliseconds of one call on the next sample."""
        sample = self.samples[self.position % len(self.samples)]
        self.position += 1
        with torch.inference_mode():
            started = time.perf_counter()
            call(self.module, sample)
            return (time.perf_counter() - started) * 1000


def main() -> None:
    """Answers commands until stdin ends."""
    serve(PyTorchWorker())


if __name__ == "__main__":
    main()
