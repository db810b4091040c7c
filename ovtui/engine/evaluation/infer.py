"""All samples through a compiled model, with every core busy."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov

from ovtui.core.errors import SourceError
from ovtui.engine.data.inputs import batched_shapes, bind, names_of
from ovtui.engine.data.spool import Spool, SpoolWriter
from ovtui.engine.measuring.executed_precision import counting
from ovtui.engine.model_files import telling_line
from ovtui.engine.processes.memory import Mapped
from ovtui.engine.progress import Step

# Beyond this a batch falls out of the cache. Processor time of MobileNetV2 on 12 KiB, batches of
# 1, 8 and 32: f32 3.2, 2.5 and 3.0 ms a picture, INT8 1.8, 1.7 and 1.6; ViT's best is 1 to 4.
_BATCH_BYTES = 512 * 1024
_MOST_PER_BATCH = 8
# What a batch shares is computed once for it: ten texts of CLIP cost a third of a picture.
_PER_SHARED_BATCH = 16
# One that works and one that waits keep every stream busy while outputs are read in order.
_REQUESTS_PER_STREAM = 2


def infer(
    model_path: Path,
    samples: Spool,
    device: str,
    properties: Mapping[str, Any],
    batchable: bool,
    folder: Path,
    step: Step,
    *,
    shared: Collection[str] = (),
    evaluated: Sequence[int] | None = None,
) -> Any:
    """Write the model's outputs for every sample as the spool `outputs` into the folder.

    Fewer samples than cores would leave streams without work: they are taken one at a time.

    Args:
        model_path: IR or ONNX file.
        samples: inputs with a batch axis of one.
        device: OpenVINO device.
        properties: what the variant is executed with.
        batchable: several samples of equal shapes may be fed at once.
        folder: where the spool goes.
        step: counts the samples that are done.
        shared: inputs that all samples have in common: a batch is given the first sample's.
        evaluated: indices of the outputs to write; all when None.

    Returns:
        The compiled model, where it takes one sample at a time with every core; else None.

    Raises:
        SourceError: the device cannot run the model.
    """
    core = ov.Core()
    model = core.read_model(model_path)
    singly = len(samples) <= (os.cpu_count() or 1)
    size = _batch_size(samples, shared) if batchable and not singly else 1
    ports = core.read_model(model_path).inputs
    if size > 1:
        model.reshape(batched_shapes(model.inputs, samples[0], size, shared))
    hint = one_at_a_time(core, device) if singly else {"PERFORMANCE_HINT": "THROUGHPUT"}
    try:
        compiled = core.compile_model(model, device, {**hint, **properties})
    except RuntimeError as error:
        raise SourceError(
            f"{device}: cannot compile {model_path.name}: {telling_line(error)}"
        ) from error
    if model_path.suffix.lower() != ".xml":
        del model  # an IR's stays: while it does, its file is mapped where `Mapped` has found it
    given_once = [index for index, port in enumerate(ports) if names_of(port) & set(shared)]
    batches = _batches(ports, samples, size, given_once)
    kept = range(len(compiled.outputs)) if evaluated is None else evaluated
    _run(compiled, batches, size, kept, folder, step, model_path.with_suffix(".bin"))
    return compiled if singly else None


def one_at_a_time(core: Any, device: str) -> dict[str, Any]:
    """Properties for one sample at a time with every core, the time of each operation counted."""
    return {"PERFORMANCE_HINT": "LATENCY", **counting(core, device)}


def _run(
    compiled: Any,
    batches: Iterator[tuple[list[np.ndarray], int]],
    size: int,
    kept: Sequence[int],
    folder: Path,
    step: Step,
    weights: Path,
) -> None:
    """Feed requests in turn and read them in the same turn, so that outputs come in order.

    No `AsyncInferQueue`: its callbacks may drop the last reference to the model in a thread of the
    plugin's own, which then waits for itself and aborts.
    """
    streams = int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
    requests = [compiled.create_infer_request() for _ in range(_REQUESTS_PER_STREAM * streams)]
    pending: deque[tuple[Any, int]] = deque()
    mapped = Mapped(weights)
    with SpoolWriter(folder, "outputs") as writer:

        def read() -> None:
            request, count = pending.popleft()
            request.wait()
            mapped.release()  # a shape's first request unpacks them: 219 MB of BERT-base
            outputs = {index: np.array(request.output_tensors[index].data) for index in kept}
            for row in _rows(outputs, count, size):
                writer.append(row)
            step.advance(count)

        for number, (batch, count) in enumerate(batches):
            if len(pending) == len(requests):
                read()
            request = requests[number % len(requests)]
            request.start_async(dict(enumerate(batch)), share_inputs=False)
            pending.append((request, count))
        while pending:
            read()
    step.finish()


def _rows(outputs: dict[int, np.ndarray], count: int, size: int) -> list[dict[str, np.ndarray]]:
    """One sample's outputs each; an unbatched request's are left in their own shapes."""
    if size == 1:
        return [{str(index): output for index, output in outputs.items()}]
    return [
        {str(index): output[row : row + 1] for index, output in outputs.items()}
        for row in range(count)
    ]


def _batches(
    ports: Any, samples: Spool, size: int, given_once: Collection[int]
) -> Iterator[tuple[list[np.ndarray], int]]:
    """Stacked samples, the last batch filled up with repeats, and how many of them count."""
    waiting: list[list[np.ndarray]] = []
    for sample in samples:
        waiting.append(bind(ports, sample))
        if len(waiting) == size:
            yield _stack(waiting, given_once), size
            waiting = []
    if waiting:
        count = len(waiting)
        yield _stack(waiting + [waiting[-1]] * (size - count), given_once), count


def _stack(samples: list[list[np.ndarray]], given_once: Collection[int]) -> list[np.ndarray]:
    return [
        arrays[0] if len(samples) == 1 or index in given_once else np.concatenate(arrays)
        for index, arrays in enumerate(zip(*samples, strict=True))
    ]


def _batch_size(samples: Spool, shared: Collection[str]) -> int:
    """How many samples fit well into one request; 1 where their shapes differ."""
    if not samples.uniform:
        return 1
    # One batch of all would leave every stream but one without work.
    most = -(-len(samples) // (os.cpu_count() or 1))
    if shared:
        return min(_PER_SHARED_BATCH, most)
    size = sum(array.nbytes for array in samples[0].values())
    return max(1, min(_MOST_PER_BATCH, _BATCH_BYTES // max(1, size), most))
