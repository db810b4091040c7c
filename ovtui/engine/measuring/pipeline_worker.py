"""Answers with a pipeline, and measures it: `python -m ovtui.engine.measuring.pipeline_worker`.

A process of its own for each variant, which takes the commands that `worker` does. What it
times is a whole answer of a fixed number of tokens, one after another, so that every variant does
the same work; its components' calls beside it. Then answers as long as the model gives them.
Before, it answers the evaluation's samples: to compile a pipeline once more takes longer than many
an evaluation (5 s of BLIP).
"""

from __future__ import annotations

import gc
import itertools
import time
from collections import Counter
from pathlib import Path

import msgspec
import openvino as ov

from ovtui.core.recipes.ir_xml import weights_beside
from ovtui.core.results.operations import GraphProfile
from ovtui.core.runs.run_folder import Run
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.examples import load_samples
from ovtui.engine.data.rows import Rows
from ovtui.engine.data.spool import Arrays, Spool
from ovtui.engine.data.tables import Row
from ovtui.engine.measuring.channel import Failure, serve, shapes, stored_path
from ovtui.engine.measuring.messages import (
    TOKENS,
    Answer,
    Answered,
    Block,
    LatencyBlock,
    Load,
    Loaded,
    Profiled,
    Real,
    RealAnswer,
)
from ovtui.engine.measuring.worker import WARM_UP_S
from ovtui.engine.models.executed_operations import Taken, profile_of
from ovtui.engine.models.executed_precision import (
    counting,
    executed_times,
    inference_precision,
    shares,
)
from ovtui.engine.models.openvino_errors import telling_line
from ovtui.engine.pipelines.generate import generate
from ovtui.engine.pipelines.pipeline import (
    Pipeline,
    compile_components,
    from_components,
    from_source,
)
from ovtui.engine.processes.lifeline import peak_rss_bytes
from ovtui.engine.processes.memory import release
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_work import PipelineFiles
from ovtui.engine.tasks.generation import Generation


class Watch:
    """The milliseconds of a component's inferences."""

    def __init__(self) -> None:
        self.clear()

    def before(self, feed: Arrays, begins: bool) -> None:
        """Does nothing: nothing is timed before the inference."""

    def after(self, begins: bool, milliseconds: float) -> None:
        """Keeps the milliseconds of an inference."""
        (self.first if begins else self.later).append(milliseconds)

    def clear(self) -> None:
        """Forgets what was timed."""
        self.first: list[float] = []
        self.later: list[float] = []

    @property
    def inferences_ms(self) -> list[float]:
        """All that were timed."""
        return self.first + self.later


class PipelineWorker:
    """Executes commands; holds at most one pipeline."""

    def __init__(self) -> None:
        self.files: PipelineFiles
        self.command: Load
        self.pipeline: Pipeline | None = None
        self.compiled: dict[str, ov.CompiledModel] = {}
        self.watches: dict[str, Watch] = {}
        self.samples: list[Arrays] = []
        self.stored: Rows
        self.rows: list[Row] = []
        self.position = itertools.count()
        self.tokens = TOKENS

    def load(self, command: Load) -> Loaded:
        """Builds the pipeline and warms it up; replies times in ms, that of the first answer
        too.
        """
        self.command = command
        started = time.perf_counter()
        self.files = msgspec.json.decode(Path(command.model).read_bytes(), type=PipelineFiles)
        self.tokens = self.files.recipe.measure.tokens or TOKENS
        self.samples = load_samples(stored_path(command))
        stored = Rows(Path(self.files.rows or ""))
        self.stored = stored
        self.rows = [stored[number] for number in range(len(self.samples))]
        read = time.perf_counter()
        self._open(command.hint.upper())
        compile_ms = (time.perf_counter() - read) * 1000
        began = time.perf_counter()
        self._answer(self.samples[0])
        first = (time.perf_counter() - began) * 1000
        while time.perf_counter() < began + WARM_UP_S:
            self._answer(self.samples[0])
        peak = peak_rss_bytes()
        # Unpacked, the weights are not read from the file again: 640 of BLIP's 2570 MB.
        for model in self.files.models.values():
            release(weights_beside(Path(model)))
        return Loaded(
            read_ms=(read - started) * 1000,
            compile_ms=compile_ms,
            first_inference_ms=first,
            peak_rss_bytes=peak,
            inference_precision=inference_precision(next(iter(self.compiled.values()), None)),
            execution_devices=[command.device],
            shapes=shapes(self.samples),
            tokens=self.tokens,
            real=len(stored) if self._task.ends_by_itself else 0,
        )

    def answer(self, command: Answer) -> Answered:
        """Answers the evaluation's samples; replies the share of the kernels' time by precision.

        Raises:
            Failure: the pipeline cannot answer a sample.
        """
        self._clear()
        samples = Spool(Path(command.samples), "inputs")
        journal = Journal(Run(Path(command.run)), command.stage)
        assert self.pipeline is not None
        try:
            check = generate(self.pipeline, samples, Path(command.out), journal, command.variant)
        except SourceError as error:
            raise Failure("model", str(error)) from error
        times: Counter[str] = Counter()
        for name, model in self.compiled.items():
            for precision, taken in executed_times(model).items():
                times[precision] += taken * len(self.watches[name].inferences_ms)
        answers = len(samples) + (check.checked if check else 0)  # those are answered once more
        profiles = self._profiles(answers)
        return Answered(shares(times), profiles, peak_rss_bytes(), check)

    def _profiles(self, answers: int) -> list[GraphProfile]:
        """The operations of each component that was called for so many answers."""
        profiles = []
        for name, watch in self.watches.items():
            if called := watch.inferences_ms:
                taken = Taken(called, len(called) / answers)
                profiles.append(profile_of(self.compiled[name], name, taken))
        return [profile for profile in profiles if profile is not None]

    def block(self, command: Block) -> LatencyBlock:
        """Measures one block of answers."""
        gc.collect()
        gc.disable()
        try:
            return self._timed(command.seconds)
        finally:
            gc.enable()

    def _clear(self) -> None:
        for watch in self.watches.values():
            watch.clear()

    def _timed(self, seconds: float) -> LatencyBlock:
        self._clear()
        latencies: list[float] = []
        whole: list[float] = []
        task = self._task
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
        watches = self.watches.items()
        return LatencyBlock(
            latencies_ms=latencies,
            end_to_end_ms=whole,
            components_ms={name: watch.later or watch.first for name, watch in watches},
            first_calls_ms={name: watch.first for name, watch in watches if watch.later},
        )

    def real(self, command: Real) -> RealAnswer:
        """Answers one evaluation sample at the length that the model gives it."""
        assert self.pipeline is not None
        inputs = self._task.inputs(self.stored[command.sample])
        gc.collect()
        gc.disable()
        try:
            began = time.perf_counter()
            outputs = self.pipeline.generate(inputs)
            milliseconds = (time.perf_counter() - began) * 1000
        finally:
            gc.enable()
        return RealAnswer(milliseconds, outputs["tokens"].shape[1])

    def unload(self) -> None:
        """Lets the pipeline go."""
        self.pipeline, self.watches, self.compiled = None, {}, {}
        gc.collect()  # a model and its hooks hold each other

    def profile(self) -> Profiled:
        """Returns nothing: that is told with the answers to the evaluation's samples."""
        return Profiled()

    def _open(self, hint: str) -> None:
        """Build the pipeline anew; without IRs PyTorch runs it."""
        self.unload()
        try:
            if not self.files.models:
                self.pipeline = from_source(self.files)
                return
            self.watches = {name: Watch() for name in self.files.models}
            device, properties = self.command.device, self.command.properties
            fixed = {"PERFORMANCE_HINT": hint, **counting(ov.Core(), device)}
            self.compiled = compile_components(self.files, device, properties, **fixed)
            self.pipeline = from_components(self.files, self.compiled, self.watches)
        except SourceError as error:
            raise Failure("model", str(error)) from error
        except RuntimeError as error:
            raise Failure("compile", telling_line(error)) from error

    @property
    def _task(self) -> Generation:
        assert self.pipeline is not None
        return self.pipeline.task

    def _answer(self, inputs: Arrays) -> Arrays:
        assert self.pipeline is not None
        limits = {"max_new_tokens": self.tokens, "min_new_tokens": self.tokens}
        return self.pipeline.generate(inputs, **limits)


def main() -> None:
    """Answers commands until stdin ends."""
    serve(PipelineWorker())


if __name__ == "__main__":
    main()
