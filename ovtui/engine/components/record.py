"""What a component is called with, kept as samples that calibrate its graph.

A cached decoder is called once for each token. Its calls for one sequence are joined to a single
one with all tokens and nothing in the cache: under a causal mask every layer then sees the very
values that it saw token by token, with one inference instead of many, and no cache to store.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from types import TracebackType

import numpy as np

from ovtui.engine.components.graph import Component, past_names
from ovtui.engine.data.spool import Arrays, SpoolWriter, digest


class Recorder:
    """Appends a component's calls to a spool, equal ones once; use as a context manager.

    Args:
        component: whose calls these are.
        writer: takes the samples.
        limit_bytes: nothing more is kept beyond this.
        wanted: nothing more is kept beyond so many samples.
    """

    def __init__(
        self, component: Component, writer: SpoolWriter, limit_bytes: int, wanted: int
    ) -> None:
        self._component = component
        self._writer = writer
        self._left = limit_bytes
        self._wanted = wanted
        self._sequence: list[Arrays] = []
        self._seen: dict[bytes, None] = {}  # in the order of the samples
        self.left_out = 0
        """Samples for which there was no room."""
        self.repeated = 0
        """Samples that were there already."""

    @property
    def is_full(self) -> bool:
        """Whether there are as many samples as are wanted."""
        return len(self._seen) >= self._wanted

    @property
    def digest(self) -> str:
        """What recorders of equal samples have in common."""
        return hashlib.blake2b(b"".join(self._seen), digest_size=16).hexdigest()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            self.end_sequence()

    def before(self, feed: Arrays, begins: bool) -> None:
        """Takes in a call: its inputs, and whether it begins a sequence."""
        if begins:
            self.end_sequence()
        if self.is_full:
            return
        last = self._sequence[-1] if self._sequence else {}
        names = [name for name in self._component.inputs.values() if name in feed]
        self._sequence.append({name: _kept(feed[name], last.get(name)) for name in names})

    def after(self, begins: bool, milliseconds: float) -> None:
        """Does nothing: time is no matter here."""

    def end_sequence(self) -> None:
        """Keeps the sequence so far as one sample."""
        if not self._sequence:
            return
        sample = join(self._sequence) | _empty_past(self._component, self._sequence[0])
        self._sequence = []
        mark = digest(sample)
        if mark in self._seen:
            self.repeated += 1
            return
        size = sum(array.nbytes for array in sample.values())
        if size > self._left:
            self.left_out += 1
            return
        self._seen[mark] = None
        self._left -= size
        self._writer.append(sample)


def _kept(array: np.ndarray, last: np.ndarray | None) -> np.ndarray:
    """A copy, or the last call's where it is the same: 450 tokens' encoder states are 1.3 GB."""
    return last if last is not None and np.array_equal(array, last) else array.copy()


def join(calls: Sequence[Arrays]) -> Arrays:
    """Returns one call with the tokens of all calls of a sequence.

    Token ids, and what else comes token by token (positions), follow each other; of what grows with
    the sequence (its mask) the last holds all; what stays is taken once.
    """
    tokens = [
        next(array.shape[1] for name, array in call.items() if name.endswith("input_ids"))
        for call in calls
        if len(calls) > 1
    ]
    joined = {}
    for name, first in calls[0].items():
        arrays = [call[name] for call in calls]
        stays = not name.endswith("input_ids") and all(np.array_equal(a, first) for a in arrays)
        if len(arrays) == 1 or stays:
            joined[name] = first
        elif [array.shape[-1] for array in arrays] == tokens:
            joined[name] = np.concatenate(arrays, axis=-1)
        else:
            joined[name] = arrays[-1]
    return joined


def _empty_past(component: Component, call: Arrays) -> Arrays:
    rows = next(iter(call.values())).shape[0]
    sizes = [size for size in component.own for _ in range(2)]
    return {
        name: np.zeros((rows, heads, 0, width), np.float32)
        for name, (heads, width) in zip(past_names(len(component.own)), sizes, strict=True)
    }
