"""One sample through a compiled model alone, and whether a quicker way gives the same.

Batches, requests that are used again and memory that is shared are quicker ways to the same
outputs, where they are: a graph may mix the samples of a batch, keep a state, or be compiled into
other kernels once its shapes are fixed. So what they give is compared for different samples.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from ovtui.engine.data.inputs import bind
from ovtui.engine.data.spool import Arrays, Spool, digest

if TYPE_CHECKING:
    import openvino as ov

CHECKED = 8
"""Samples that are compared: 8 of 500 cost less than 2 % of an evaluation."""
ONE_BY_ONE, FRESH = "one by one", "a fresh request each"
"""Ways to infer: with requests that are used again, and without."""
_FIRST, _SPREAD = 4, 20
"""Candidates: the first samples, and others from all over the data."""


def infer_alone(compiled: ov.CompiledModel, sample: Arrays) -> list[np.ndarray]:
    """Returns a model's outputs for one sample, as a request gives them that has seen no other.

    Args:
        compiled: an `ov.CompiledModel`.
        sample: its inputs by name, as `bind` takes them.

    Returns:
        Copies in the order of the model's outputs, in their own shapes and dtypes.

    Raises:
        SourceError: an input has no array, or one that does not fit.
    """
    return answer(compiled.create_infer_request(), bind(compiled.inputs, sample))


def infer_calls(compiled: ov.CompiledModel, calls: Iterable[Arrays]) -> list[list[np.ndarray]]:
    """Infers the calls that one sample takes, each alone, and returns the outputs of each.

    Args:
        compiled: an `ov.CompiledModel`.
        calls: the inputs of each call by name, as `bind` takes them.

    Raises:
        SourceError: an input has no array, or one that does not fit.
    """
    return [infer_alone(compiled, inputs) for inputs in calls]


def answer(request: ov.InferRequest, arrays: list[np.ndarray]) -> list[np.ndarray]:
    """Returns a model's outputs for one sample, from a request that has answered others.

    What the model remembers of them is cleared first. Inputs are copied: a state that is computed
    from one may go on reading the memory that it was given in.

    Args:
        request: an `ov.InferRequest`.
        arrays: the sample's inputs in the order, the shapes and the element types of the model's.

    Returns:
        Copies in the order of the model's outputs.
    """
    forget(request)
    request.infer(dict(enumerate(arrays)), share_inputs=False)
    return outputs_of(request)


def forget(request: ov.InferRequest) -> None:
    """Clears what a stateful model remembers; does nothing to one without states."""
    if request.query_state():
        request.reset_state()


def outputs_of(request: ov.InferRequest) -> list[np.ndarray]:
    """Copies of what a request has inferred, in the order of the model's outputs."""
    return [np.array(tensor.data) for tensor in request.output_tensors]


def with_rank(output: np.ndarray, port: ov.Output) -> np.ndarray:
    """Returns an output without the axes of one that compilation put in front of what the file has.

    OpenVINO 2026.4.1 gives [1, 4] for the [4] of an INT8 graph that takes vectors.

    Args:
        output: of a request.
        port: the same output of the model as it is written.
    """
    rank = port.get_partial_shape().rank
    while rank.is_static and output.ndim > rank.get_length() and len(output) == 1:
        output = output[0]
    return output


def differing(samples: Spool, count: int) -> list[int]:
    """Returns positions of samples that have as much as possible not in common.

    An input with few values, such as a flag, is given each of them early.
    """
    last = len(samples) - 1
    spread = np.linspace(0, last, _SPREAD).round().astype(int).tolist()
    places = list(dict.fromkeys([*range(min(_FIRST, last + 1)), *spread]))
    marks = {
        place: {digest({name: array}) for name, array in samples[place].items()} for place in places
    }
    chosen: list[int] = []
    known: set[bytes] = set()
    while len(chosen) < min(count, len(places)):
        left = [place for place in places if place not in chosen]
        chosen.append(max(left, key=lambda place: len(marks[place] - known)))
        known |= marks[chosen[-1]]
    return chosen


_LEAST = 1e-9
"""What a largest value counts as at least: zeros differ by rounding too."""


def difference_of_numbers(got: np.ndarray | None, want: np.ndarray) -> float:
    """Returns `difference`, where whole numbers and truth values count as numbers too.

    A class may change by rounding, which is not another model.

    Args:
        got: an output; None where there is none.
        want: the output that was expected, of any shape and of numbers.
    """
    return difference(None if got is None else got.astype(np.float64), want.astype(np.float64))


def difference(got: np.ndarray | None, want: np.ndarray) -> float:
    """Returns the largest difference, relative to the largest value wanted; infinite for another
    shape.

    What is no number equals what is none; a label or a text equals itself alone.

    Args:
        got: an output; None where there is none.
        want: the output that was expected, of any shape and dtype.
    """
    if got is None or got.shape != want.shape:
        return math.inf
    if want.dtype.kind != "f":
        return 0.0 if np.array_equal(got, want) else math.inf
    one, other = got.astype(np.float64), want.astype(np.float64)
    finite = np.isfinite(other)
    if not np.array_equal(one[~finite], other[~finite], equal_nan=True):
        return math.inf
    apart = float(np.abs(one[finite] - other[finite]).max(initial=0.0))
    largest = float(np.abs(other[finite]).max(initial=0.0))
    return apart / max(_LEAST, largest) if math.isfinite(apart) else math.inf
