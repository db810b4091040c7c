"""One sample through a compiled model, by a request that remembers nothing of another sample."""

from __future__ import annotations

from typing import Any

import numpy as np

from ovtui.engine.data.inputs import bind
from ovtui.engine.data.spool import Arrays


def infer_alone(compiled: Any, sample: Arrays) -> list[np.ndarray]:
    """A model's outputs for one sample, as a request gives them that has seen no other.

    Args:
        compiled: an `ov.CompiledModel`.
        sample: its inputs by name, as `bind` takes them.

    Raises:
        SourceError: an input has no array, or one that does not fit.
    """
    return answer(compiled.create_infer_request(), bind(compiled.inputs, sample))


def answer(request: Any, arrays: list[np.ndarray]) -> list[np.ndarray]:
    """A model's outputs for one sample, from a request that has answered others.

    What the model remembers of them is cleared first. Inputs are copied: a state that is computed
    from one may go on reading the memory that it was given in.

    Args:
        request: an `ov.InferRequest`.
        arrays: the sample's inputs in the order of the model's.
    """
    forget(request)
    request.infer(dict(enumerate(arrays)), share_inputs=False)
    return outputs_of(request)


def forget(request: Any) -> None:
    """Clear what a stateful model remembers; nothing happens to one without states."""
    if request.query_state():
        request.reset_state()


def outputs_of(request: Any) -> list[np.ndarray]:
    """Copies of what a request has inferred, in the order of the model's outputs."""
    return [np.array(tensor.data) for tensor in request.output_tensors]
