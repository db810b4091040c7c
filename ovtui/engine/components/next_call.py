"""What a compiled decoder is given for one more token, as its last two calls show it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ovtui.engine.data.spool import Arrays


class NextCall(NamedTuple):
    """How the inputs of a decoder change from one token to the next.

    An input that is in none of the fields stays as it is, and a request keeps it.
    """

    tokens: str
    """Input of the token itself, int64 [1, 1]."""
    masks: dict[str, np.ndarray]
    """Inputs that get another 1 at their end, with their last value."""
    counters: dict[str, np.ndarray]
    """Inputs that are one more each time, with their last value."""

    def feed(self, token: int) -> Arrays:
        """Returns the inputs that change, and goes on to the call after this one."""
        given = {self.tokens: np.array([[token]], np.int64)}
        for name, mask in self.masks.items():
            one = np.ones((*mask.shape[:-1], 1), mask.dtype)
            self.masks[name] = given[name] = np.concatenate([mask, one], axis=-1)
        for name, counter in self.counters.items():
            self.counters[name] = given[name] = counter + 1
        return given


def next_call(before: Arrays, last: Arrays) -> NextCall | None:
    """Returns how inputs go on; None where they follow none of the ways that are known.

    Args:
        before: inputs of a call with one token, by name.
        last: those of the call after it.
    """
    tokens = next((name for name in last if name.endswith("input_ids")), "")
    masks: dict[str, np.ndarray] = {}
    counters: dict[str, np.ndarray] = {}
    if before.keys() != last.keys() or not tokens:
        return None
    if before[tokens].shape != (1, 1) or last[tokens].shape != (1, 1):
        return None
    for name, array in last.items():
        earlier = before[name]
        if name == tokens or array is earlier or np.array_equal(array, earlier):
            continue
        whole = np.issubdtype(array.dtype, np.integer) or array.dtype == bool
        if whole and np.array_equal(array, _longer(earlier)):
            masks[name] = array
        elif whole and array.shape == earlier.shape and np.array_equal(array, earlier + 1):
            counters[name] = array
        else:
            return None
    return NextCall(tokens, masks, counters)


def _longer(mask: np.ndarray) -> np.ndarray:
    one = np.ones((*mask.shape[:-1], 1), mask.dtype)
    return np.concatenate([mask, one], axis=-1) if mask.ndim else mask
