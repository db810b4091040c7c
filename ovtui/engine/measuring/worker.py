"""Measures one variant in a process of its own: `python -m ovtui.engine.measuring.worker`.

One JSON object per line: commands `load`, `block` and `profile` on stdin, one reply for each on
stdout. The end of stdin ends the process at once, also in the middle of a block.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov

from ovtui.core.machine import devices
from ovtui.core.recipes.ir_xml import weights_beside
from ovtui.core.recipes.recipe import Property
from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.text.errors import SourceError
from ovtui.engine.measuring.channel import Failure, serve, shapes
from ovtui.engine.measuring.inputs import (
    Sample,
    batched,
    input_name,
    padded_texts,
    random_sample,
    stored_samples,
    tensor_of,
)
from ovtui.engine.measuring.messages import (
    Block,
    LatencyBlock,
    Load,
    Loaded,
    Profiled,
    RandomInputs,
    StoredInputs,
    ThroughputBlock,
)
from ovtui.engine.models.executed_operations import Taken, microseconds_of, profile_of
from ovtui.engine.models.executed_precision import (
    counting,
    executed_times,
    inference_precision,
    shares,
    supported,
)
from ovtui.engine.models.model_files import read_model
from ovtui.engine.models.openvino_errors import telling_line
from ovtui.engine.processes.lifeline import peak_rss_bytes
from ovtui.engine.processes.memory import release, trim_heap

WARM_UP_S = 0.2
REWARM_S = 0.02
"""Before every later block: another worker had the caches and the cores in between."""
PROFILE_S = 0.15


class Feed:
    """Gives requests the next sample, which is never part of the timed section."""

    def __init__(self, compiled: ov.CompiledModel, samples: list[Sample]) -> None:
        self.ports = compiled.inputs
        self.samples = samples
        """Kept here: the tensors below share their memory."""
        self.static = all(port.partial_shape.is_static for port in self.ports)
        self.tensors = [list(map(tensor_of, self.ports, sample)) for sample in samples]
        self.ragged = len({tuple(array.shape for array in sample) for sample in samples}) > 1
        self.stateful = bool(compiled.create_infer_request().query_state())
        self.position = 0

    @property
    def each_time(self) -> bool:
        """Whether throughput depends on the sample, so that each inference takes the next one."""
        return self.ragged or self.stateful

    def next(self, request: ov.InferRequest) -> None:
        """Puts the next sample into a request and clears what a stateful model remembers."""
        place = self.position % len(self.samples)
        self.position += 1
        if self.stateful:
            request.reset_state()
        for port, array, tensor in zip(
            self.ports, self.samples[place], self.tensors[place], strict=True
        ):
            if self.static:  # as benchmark_app: the request keeps its own memory
                np.copyto(request.get_tensor(port).data, array)
            else:
                request.set_tensor(port, tensor)


class Latency:
    """One synchronous request at a time, timed by the request itself as in benchmark_app."""

    def __init__(self, compiled: ov.CompiledModel, feed: Feed) -> None:
        self.feed = feed
        self.request = compiled.create_infer_request()
        self.feeds = len(feed.samples) > 1 or feed.stateful
        feed.next(self.request)
        self.request.infer()
        self.first_ms: float = self.request.latency
        self.requests = 1

    def run(self, command: Block) -> LatencyBlock:
        """Measures one block, and replies its latencies in ms."""
        request, feed, feeds = self.request, self.feed, self.feeds
        times: list[float] = []
        end = time.perf_counter() + command.seconds
        while time.perf_counter() < end or len(times) < command.min_count:
            if feeds:
                feed.next(request)
            request.infer()
            times.append(request.latency)
        return LatencyBlock(times)


class Throughput:
    """As many asynchronous requests as the plugin calls optimal, as in benchmark_app."""

    def __init__(self, compiled: ov.CompiledModel, feed: Feed) -> None:
        self.feed = feed
        self.queue = ov.AsyncInferQueue(compiled, 0)
        self.requests = len(self.queue)
        self._fill()
        first = self.queue.get_idle_request_id()
        self.queue.start_async()
        self.queue.wait_all()
        self.first_ms: float = self.queue[first].latency

    def _fill(self) -> None:
        for i in range(self.requests):
            self.feed.next(self.queue[i])

    def run(self, command: Block) -> ThroughputBlock:
        """Measures one block of whole rounds of all requests, and replies inferences and their
        seconds; where that is asked for, also how long each request took.
        """
        requests, each_time, timed, count = self.queue, self.feed.each_time, command.timed, 0
        seconds, min_count = command.seconds, command.min_count
        times: list[float] = []
        self._fill()
        start = time.perf_counter()
        while time.perf_counter() - start < seconds or count < min_count or count % self.requests:
            idle = requests.get_idle_request_id()
            if timed and count >= self.requests:  # it has ended once in this block
                times.append(requests[idle].latency)
            if each_time:
                self.feed.next(requests[idle])
            requests.start_async()
            count += 1
        requests.wait_all()
        taken = time.perf_counter() - start
        if timed:
            times += [requests[number].latency for number in range(self.requests)]
        return ThroughputBlock(count, taken, times)


class GraphWorker:
    """Executes commands; holds at most one compiled model."""

    def __init__(self) -> None:
        self.core = ov.Core()
        self.loaded: Load
        self.compiled: ov.CompiledModel | None = None
        self.samples: list[Sample] = []
        self.mode: Latency | Throughput | None = None
        self.warm = False

    def load(self, command: Load) -> Loaded:
        """Reads, compiles and infers once; replies times in ms and what was compiled."""
        self.loaded, self.warm = command, False
        self.unload()
        started = time.perf_counter()
        model = self._read(command)
        read = time.perf_counter()
        self.samples = self._samples(model, command.inputs)
        if command.batch > 1:
            self.samples = batched(model, self.samples, command.batch)
        compile_ms = self._compile(model, {"PERFORMANCE_HINT": command.hint.upper()})
        feed = Feed(self.compiled, self.samples)
        self.mode = (Latency if command.hint == "latency" else Throughput)(self.compiled, feed)
        peak = peak_rss_bytes()
        # Once unpacked, weights are hardly read from the file: other variants may need the memory.
        release(weights_beside(Path(command.model)))
        trim_heap()
        names = list(map(input_name, model.inputs))
        batches = {array.shape[0] if array.ndim > 1 else 0 for array in self.samples[0]}
        return Loaded(
            read_ms=(read - started) * 1000,
            compile_ms=compile_ms,
            first_inference_ms=self.mode.first_ms,
            peak_rss_bytes=peak,
            inference_precision=inference_precision(self.compiled),
            execution_devices=list(self._property("EXECUTION_DEVICES") or [command.device]),
            optimal_requests=int(self._property("OPTIMAL_NUMBER_OF_INFER_REQUESTS") or 1),
            requests=self.mode.requests,
            batch=max(1, batches.pop()) if len(batches) == 1 else 1,
            shapes=shapes([dict(zip(names, sample, strict=True)) for sample in self.samples]),
        )

    def block(self, command: Block) -> LatencyBlock | ThroughputBlock:
        """Measures one block of the mode that was loaded, after a warm-up that is not reported.

        Raises:
            Failure: nothing was loaded.
        """
        if self.mode is None:
            raise Failure("internal", "block before load")
        gc.collect()
        gc.disable()
        try:
            self.mode.run(Block(seconds=REWARM_S if self.warm else WARM_UP_S, min_count=1))
            self.warm = True
            return self.mode.run(command)
        finally:
            gc.enable()

    def unload(self) -> None:
        """Lets the model go."""
        self.mode, self.compiled = None, None

    def profile(self) -> Profiled:
        """Returns the operations, and their share of time per precision; nothing for a device that
        does not tell.
        """
        load = self.loaded
        self.unload()
        model = self._read(load)
        samples = self._samples(model, load.inputs)
        counters = counting(self.core, load.device)
        self._compile(model, {"PERFORMANCE_HINT": "LATENCY", **counters})
        latency = Latency(self.compiled, Feed(self.compiled, samples))
        first_us = microseconds_of(self.compiled)
        later = latency.run(Block(seconds=PROFILE_S, min_count=3)).latencies_ms
        taken = Taken(later, before=1, before_us=first_us)
        profile = profile_of(self.compiled, WHOLE_MODEL, taken)
        return Profiled(shares(executed_times(self.compiled)), [profile] if profile else [])

    def _read(self, command: Load) -> ov.Model:
        path, device = Path(command.model), command.device
        available = self.core.available_devices
        if devices.family(device) not in {*map(devices.family, available), *devices.VIRTUAL}:
            there = ", ".join(available)
            raise Failure("device", f"there is no device '{device}'; this machine has: {there}")
        if not path.is_file():
            raise Failure("model", f"{path}: no such file; expected a .xml or .onnx model")
        try:
            return read_model(self.core, path)
        except SourceError as error:
            raise Failure("model", str(error)) from error

    def _samples(self, model: ov.Model, inputs: StoredInputs | RandomInputs) -> list[Sample]:
        if isinstance(inputs, StoredInputs):
            stored = stored_samples(model, Path(inputs.path))
            return padded_texts(model, stored, inputs.bucket) if inputs.bucket else stored
        return [random_sample(model, inputs.shapes, inputs.seed)]

    def _compile(self, model: ov.Model, fixed: Mapping[str, Property]) -> float:
        device, path = self.loaded.device, self.loaded.model
        kept = supported(self.core, device, fixed)
        started = time.perf_counter()
        try:
            properties = {**self.loaded.properties, **kept}
            self.compiled = self.core.compile_model(model, device, properties)
        except RuntimeError as error:
            why = telling_line(error)
            raise Failure("compile", f"{path}: cannot be compiled for {device}: {why}") from error
        return (time.perf_counter() - started) * 1000

    def _property(self, name: str) -> Any:
        assert self.compiled is not None
        try:
            return self.compiled.get_property(name)
        except RuntimeError:
            return None


def main() -> None:
    """Answers commands until stdin ends."""
    serve(GraphWorker())


if __name__ == "__main__":
    main()
