"""Samples through a compiled model's requests: in batches or one by one, every stream busy."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ovtui.engine.data.inputs import bind
from ovtui.engine.data.spool import Arrays, Spool
from ovtui.engine.models.inference import forget
from ovtui.engine.processes.memory import Mapped

if TYPE_CHECKING:
    import openvino as ov

# Beyond this a batch falls out of the cache. Processor time of MobileNetV2 on 12 KiB, batches of
# 1, 8 and 32: f32 3.2, 2.5 and 3.0 ms a picture, INT8 1.8, 1.7 and 1.6; ViT's best is 1 to 4.
_BATCH_BYTES = 512 * 1024
_MOST_PER_BATCH = 8
# What a batch shares is computed once for it: ten texts of CLIP cost a third of a picture.
_PER_SHARED_BATCH = 16
# One that works and one that waits keep every stream busy while outputs are read in order.
_REQUESTS_PER_STREAM = 2


class Batch(NamedTuple):
    """Samples that one request infers."""

    inputs: list[np.ndarray]
    """Stacked samples, in the order of the model's inputs."""
    size: int
    """Samples that there are."""
    counting: int
    """The first ones, which count: others fill it up."""


def in_order(
    compiled: ov.CompiledModel,
    batches: Iterable[Batch],
    kept: Sequence[int],
    weights: Mapped,
) -> Iterator[dict[str, np.ndarray]]:
    """Yields each sample's outputs: requests are fed in turn and read in the same turn.

    No `AsyncInferQueue`: its callbacks may drop the last reference to the model in a thread of the
    plugin's own, which then waits for itself and aborts.

    Args:
        compiled: an `ov.CompiledModel`.
        batches: of samples, of any sizes.
        kept: positions of the outputs that are read, float or integer [size, ...].
        weights: of the model, whose pages are let go of.
    """
    streams = int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
    requests = [compiled.create_infer_request() for _ in range(_REQUESTS_PER_STREAM * streams)]
    pending: deque[tuple[ov.InferRequest, Batch]] = deque()

    def read() -> list[dict[str, np.ndarray]]:
        request, batch = pending.popleft()
        request.wait()
        weights.release()  # a shape's first request unpacks them: 219 MB of BERT-base
        outputs = {index: np.array(request.output_tensors[index].data) for index in kept}
        return _rows(outputs, batch.counting, batch.size)

    for number, batch in enumerate(batches):
        if len(pending) == len(requests):
            yield from read()
        request = requests[number % len(requests)]
        forget(request)
        request.start_async(dict(enumerate(batch.inputs)), share_inputs=False)
        pending.append((request, batch))
    while pending:
        yield from read()


def _rows(outputs: dict[int, np.ndarray], count: int, size: int) -> list[dict[str, np.ndarray]]:
    """One sample's outputs each; an unbatched request's are left in their own shapes."""
    if size == 1:
        return [{str(index): output for index, output in outputs.items()}]
    return [
        {str(index): _row(output, row, size) for index, output in outputs.items()}
        for row in range(count)
    ]


def _row(output: np.ndarray, row: int, size: int) -> np.ndarray:
    """A sample's part of a batch's output; all of one whose first axis is not the samples'."""
    return output[row : row + 1] if output.ndim and len(output) == size else output


def batches_of(
    ports: Sequence[ov.Output], samples: Iterable[Arrays], size: int, given_once: Collection[int]
) -> Iterator[Batch]:
    """Yields batches of one size, the last one filled up with repeats.

    Args:
        ports: the model's inputs.
        samples: arrays by input, each of one sample.
        size: samples of a batch.
        given_once: inputs that all samples share.
    """
    waiting: list[list[np.ndarray]] = []
    for sample in samples:
        waiting.append(bind(ports, sample))
        if len(waiting) == size:
            yield Batch(_stack(waiting, given_once), size, size)
            waiting = []
    if waiting:
        count = len(waiting)
        filled = waiting + [waiting[-1]] * (size - count)
        yield Batch(_stack(filled, given_once), size, count)


def _stack(samples: list[list[np.ndarray]], given_once: Collection[int]) -> list[np.ndarray]:
    if len(samples) == 1:
        return samples[0]  # a number alone has no axis to stack along
    return [
        arrays[0] if len(samples) == 1 or index in given_once else np.concatenate(arrays)
        for index, arrays in enumerate(zip(*samples, strict=True))
    ]


def batch_size(samples: Spool, shared: Collection[str]) -> int:
    """Returns how many samples fit well into one request; 1 where their shapes differ.

    Args:
        samples: inputs of all, which are cut so that every core has some.
        shared: names of inputs that all samples share, as the classes of CLIP.
    """
    if not samples.uniform or any(not array.ndim for array in samples[0].values()):
        return 1
    # One batch of all would leave every stream but one without work.
    most = -(-len(samples) // (os.cpu_count() or 1))
    if shared:
        return min(_PER_SHARED_BATCH, most)
    size = sum(array.nbytes for array in samples[0].values())
    return max(1, min(_MOST_PER_BATCH, _BATCH_BYTES // max(1, size), most))
