"""A component's calls for a few samples, inferred again and timed."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence

import numpy as np
import openvino as ov

from ovtui.engine.measuring.race import OutOfTime
from ovtui.engine.models.inference import difference_of_numbers, forget, outputs_of

Call = Mapping[str | int, np.ndarray | ov.Tensor]
"""Inputs by name or position; an array that is the last call's is the same object."""
Sequences = Sequence[Sequence[Call]]
"""Calls that go on from each other, with what the graph remembers; most have one."""


class Replay:
    """A compiled component that infers the same calls again and again.

    Args:
        compiled: an `ov.CompiledModel`.
        sequences: at least one call.
        until: a moment of `time.monotonic`, after which no call of the first time begins.

    Raises:
        OutOfTime: calls are left at that moment.
    """

    def __init__(
        self, compiled: ov.CompiledModel, sequences: Sequences, until: float = math.inf
    ) -> None:
        self.compiled = compiled
        self._request = compiled.create_infer_request()
        self._stateful = bool(self._request.query_state())
        # A sequence of a decoder's has many calls, and another one is hardly longer or shorter.
        self._timed = sequences[:1] if self._stateful else sequences
        self.outputs: list[list[np.ndarray]] = []
        """Of each call, in the order of the model's outputs."""
        for sequence in sequences:
            self._infer(sequence, self.outputs, until)

    def milliseconds(self, repeats: int = 1) -> float:
        """Infers its calls so many times, and returns the time that one time takes."""
        taken = 0.0
        for _ in range(repeats):
            for sequence in self._timed:
                taken += self._infer(sequence)
        return taken / repeats

    def difference(self, other: Replay) -> float:
        """Returns the largest difference of an output from the other's, relative to the largest
        value of that.
        """
        return max(
            difference_of_numbers(got, want)
            for ours, theirs in zip(self.outputs, other.outputs, strict=True)
            for got, want in zip(ours, theirs, strict=True)
        )

    def _infer(
        self,
        sequence: Sequence[Call],
        keep: list[list[np.ndarray]] | None = None,
        until: float = math.inf,
    ) -> float:
        forget(self._request)
        taken, last = 0.0, {}  # type: tuple[float, Call]
        for call in sequence:
            if time.monotonic() > until:
                raise OutOfTime
            new = {name: array for name, array in call.items() if array is not last.get(name)}
            began = time.perf_counter()
            # A state that is computed from an input may go on reading the memory that it is given.
            self._request.infer(new, share_inputs=not self._stateful)
            taken += time.perf_counter() - began
            last = call
            if keep is not None:
                keep.append(outputs_of(self._request))
        return taken * 1000
