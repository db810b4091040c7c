"""What each component of a pipeline answers, in PyTorch and when its graph takes over."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from ovtui.core.text.errors import SourceError
from ovtui.engine.components.observe import Call
from ovtui.engine.data.spool import Arrays
from ovtui.engine.models.inference import difference_of_numbers

REFUSED = 0.1
"""Of an output's largest value. Rounding, in whatever order, makes 1e-5 of it, and FP16 weights
some 1e-3; a graph that holds the shape of the sample that it was traced with made 0.65 and 1.2."""

Answers = dict[str, list[tuple[Arrays, Arrays]]]
"""By component: of each call the inputs and the outputs."""


def answers_of(calls: Mapping[str, Sequence[Call]]) -> Answers:
    """Returns inputs and outputs of calls as arrays, component by component."""

    def arrays(tensors: Mapping[str, object]) -> Arrays:
        return {name: np.asarray(tensor) for name, tensor in tensors.items()}

    return {
        name: [(arrays(call.inputs), arrays(call.outputs)) for call in those]
        for name, those in calls.items()
    }


def largest_differences(answers: Answers, expected: Answers) -> dict[str, float]:
    """Returns how far each component's outputs are from those of PyTorch, at most.

    Returns:
        By component, relative to an output's largest value; infinity for another shape. Calls are
        compared up to the first that is about other tokens: two that were equally likely may
        change places by rounding, and what comes after answers another text.

    Raises:
        SourceError: a component was called more or less often than PyTorch's.
    """
    differences = {}
    for name, wants in expected.items():
        if len(answers[name]) != len(wants):
            raise SourceError(
                f"the converted component {name} was called {len(answers[name])} times, that of "
                f"PyTorch {len(wants)} times: this pipeline cannot be taken apart as components "
                "says"
            )
        difference = 0.0
        for (given, got), (asked, want) in zip(answers[name], wants, strict=True):
            if not _about_the_same(given, asked):
                break
            each = [difference_of_numbers(got[key], want[key]) for key in want if want[key].size]
            difference = max([difference, *each])
        differences[name] = difference
    return differences


def check(differences: Mapping[str, float]) -> None:
    """Refuses a component whose graph is another model than its module.

    Raises:
        SourceError: it names the component that is furthest from PyTorch's.
    """
    for name, difference in differences.items():
        if difference > REFUSED:
            how = f"by {difference:.0%}"
            if difference == math.inf:
                how = "in shape, or in what is NaN or infinite,"
            raise SourceError(
                f"component {name}: its converted graph differs from the PyTorch module {how} on a "
                "sample of another length than the traced one: its code computes something from "
                f"the shape that a trace keeps; leave {name} out of components, then it stays in "
                "PyTorch"
            )


def _about_the_same(one: Arrays, other: Arrays) -> bool:
    """Whether two calls have the same integers: token ids, masks and positions."""
    return one.keys() == other.keys() and all(
        np.array_equal(one[name], other[name]) for name in one if one[name].dtype.kind in "biu"
    )
