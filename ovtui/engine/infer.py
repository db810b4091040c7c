"""All samples through a compiled model, with every core busy."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov

from ovtui.core.errors import SourceError
from ovtui.engine.inputs import bind
from ovtui.engine.progress import Step
from ovtui.engine.spool import Spool, SpoolWriter

# Beyond this a batch falls out of the cache: MobileNetV2's best is 32 of 12 KiB, ViT's is 1-4.
_BATCH_BYTES = 512 * 1024
_MOST_PER_BATCH = 32
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
) -> None:
    """Write the model's outputs for every sample as the spool `outputs` into the folder.

    Args:
        model_path: IR or ONNX file.
        samples: inputs with a batch axis of one.
        device: OpenVINO device.
        properties: what the variant is executed with.
        batchable: several samples of equal shapes may be fed at once.
        folder: where the spool goes.
        step: counts the samples that are done.

    Raises:
        SourceError: the device cannot run the model.
    """
    core = ov.Core()
    model = core.read_model(model_path)
    size = _batch_size(samples) if batchable else 1
    if size > 1:
        first = bind(model.inputs, samples[0])
        model.reshape({index: [size, *array.shape[1:]] for index, array in enumerate(first)})
    try:
        compiled = core.compile_model(
            model, device, {"PERFORMANCE_HINT": "THROUGHPUT", **properties}
        )
    except RuntimeError as error:
        raise SourceError(
            f"{device}: cannot compile {model_path.name}: {_last_line(error)}"
        ) from error
    _run(compiled, core.read_model(model_path).inputs, samples, size, folder, step)


def _run(compiled: Any, ports: Any, samples: Spool, size: int, folder: Path, step: Step) -> None:
    """Feed requests in turn and read them in the same turn, so that outputs come in order.

    No `AsyncInferQueue`: its callbacks may drop the last reference to the model in a thread of the
    plugin's own, which then waits for itself and aborts.
    """
    streams = int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
    requests = [compiled.create_infer_request() for _ in range(_REQUESTS_PER_STREAM * streams)]
    pending: deque[tuple[Any, int]] = deque()
    with SpoolWriter(folder, "outputs") as writer:

        def read() -> None:
            request, count = pending.popleft()
            request.wait()
            outputs = [np.array(tensor.data) for tensor in request.output_tensors]
            for row in _rows(outputs, count, size):
                writer.append(row)
            step.advance(count)

        for number, (batch, count) in enumerate(_batches(ports, samples, size)):
            if len(pending) == len(requests):
                read()
            request = requests[number % len(requests)]
            request.start_async(dict(enumerate(batch)), share_inputs=False)
            pending.append((request, count))
        while pending:
            read()
    step.finish()


def _rows(outputs: list[np.ndarray], count: int, size: int) -> list[dict[str, np.ndarray]]:
    """One sample's outputs each; an unbatched request's are left in their own shapes."""
    if size == 1:
        return [{str(index): output for index, output in enumerate(outputs)}]
    return [
        {str(index): output[row : row + 1] for index, output in enumerate(outputs)}
        for row in range(count)
    ]


def _batches(ports: Any, samples: Spool, size: int) -> Iterator[tuple[list[np.ndarray], int]]:
    """Stacked samples, the last batch filled up with repeats, and how many of them count."""
    waiting: list[list[np.ndarray]] = []
    for sample in samples:
        waiting.append(bind(ports, sample))
        if len(waiting) == size:
            yield _stack(waiting), size
            waiting = []
    if waiting:
        count = len(waiting)
        yield _stack(waiting + [waiting[-1]] * (size - count)), count


def _stack(samples: list[list[np.ndarray]]) -> list[np.ndarray]:
    return [np.concatenate(arrays) for arrays in zip(*samples, strict=True)]


def _batch_size(samples: Spool) -> int:
    """How many samples fit well into one request; 1 where their shapes differ."""
    if not samples.uniform:
        return 1
    size = sum(array.nbytes for array in samples[0].values())
    return max(1, min(_MOST_PER_BATCH, _BATCH_BYTES // max(1, size), len(samples)))


def _last_line(error: BaseException) -> str:
    return [line for line in str(error).splitlines() if line.strip()][-1][:300]
