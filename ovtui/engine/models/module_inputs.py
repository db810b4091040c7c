"""How a PyTorch model of a person's own takes rows of data: in which dtypes, and with which axes.

A file of OpenVINO or ONNX says what its inputs are. A module says nothing: it runs, or it does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ovtui.core.recipes.recipe import Recipe
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.spool import Arrays
from ovtui.engine.models.openvino_errors import kind_and_line
from ovtui.engine.models.pytorch import given_to
from ovtui.engine.store.progress import Journal

if TYPE_CHECKING:
    import torch

_MOST_INPUTS = 6
"""With more, not every choice of inputs is tried: all of them are as they are, or none."""


class Taken(NamedTuple):
    """What is done to a row's inputs before a module is given them."""

    float_type: str
    """Of the module's weights; floating-point inputs are given as that."""
    bare: frozenset[str] = frozenset()
    """Inputs without the batch axis of one that was put in front."""
    as_floats: frozenset[str] = frozenset()
    """Inputs that hold whole numbers, and are taken as floats."""

    def of(self, sample: Arrays) -> Arrays:
        """Returns a row's inputs as the module takes them."""
        return {name: self._one(name, array) for name, array in sample.items()}

    def _one(self, name: str, array: np.ndarray) -> np.ndarray:
        if array.dtype.kind == "f" or name in self.as_floats:
            array = array.astype(self.float_type, copy=False)
        return np.array(array[0]) if name in self.bare else array

    def notes(self, sample: Arrays) -> list[str]:
        """Returns what a person should know of it, in words."""
        lines = []
        for name, array in sample.items():
            given = self._one(name, array)
            if given.dtype != array.dtype:
                lines.append(f"input {name!r}: {array.dtype} in the data, given as {given.dtype}")
            if name in self.bare:
                lines.append(f"input {name!r}: given as the rows have it, {list(given.shape)}")
        return lines


class Rows(NamedTuple):
    """Rows as a module takes them."""

    samples: list[Arrays]
    dynamic: dict[str, tuple[int, ...]]
    """Axes that differ from row to row, by the input's name."""


def rows_for(
    module: torch.nn.Module, examples: Sequence[Arrays], recipe: Recipe, journal: Journal
) -> Rows:
    """Returns what conversion traces and checks a module of a `tensors` recipe with.

    Args:
        module: a `torch.nn.Module`.
        examples: rows' inputs, each with a batch axis of one.
        recipe: whose `model.dynamic` comes before what the examples show.
        journal: told of inputs that are given otherwise than the data have them.

    Raises:
        SourceError: the module runs on no form of the first row.
    """
    given_to(module, list(examples[0]))  # else every way to give them would be tried in vain
    taken = taken_by(module, examples[0])
    for line in taken.notes(examples[0]):
        journal.warn(line)
    samples = [taken.of(example) for example in examples]
    named = {name: tuple(axes) for name, axes in recipe.model.dynamic.items()}
    return Rows(samples, named or varying_axes(samples))


def taken_by(module: torch.nn.Module, sample: Arrays) -> Taken:
    """Returns how a module takes a row: the first way in which it runs, with as few changes as can
    be.

    Floating-point columns are given in the type of its weights, as an IR's input would cast them.
    Then, where it does not run: inputs without the batch axis that was put in front (states,
    scalars, rows that are whole batches), and whole numbers as floats.

    Args:
        module: a `torch.nn.Module`.
        sample: one row's inputs, with a batch axis of one.

    Raises:
        SourceError: it runs in none of these ways.
    """
    import torch

    from ovtui.engine.models.pytorch import beyond_a_table, call, tensors_of

    weights = [*module.parameters(), *module.buffers()]
    floats = [weight.dtype for weight in weights if weight.is_floating_point()]
    float_type = str(floats[0] if floats else torch.float32).removeprefix("torch.")
    first: Exception | None = None
    for taken in _ways(sample, float_type if float_type in ("float32", "float64") else "float32"):
        try:
            with torch.inference_mode():
                call(module, tensors_of(taken.of(sample)))
        except SourceError:  # it runs, and what it returns is of no use
            raise
        except Exception as error:
            first = first or error
            continue
        return taken
    assert first is not None
    given = ", ".join(f"{name} {list(array.shape)}" for name, array in sample.items())
    why = beyond_a_table(module, [sample]) or kind_and_line(first)
    raise SourceError(
        f"the PyTorch model does not run on a row ({given}, also not without the batch axis in "
        f"front): {why}"
    ) from first


def _ways(sample: Arrays, float_type: str) -> Iterator[Taken]:
    whole = frozenset(name for name, array in sample.items() if array.dtype.kind in "iu")
    sizes: Sequence[int] = range(len(sample) + 1)
    if len(sample) > _MOST_INPUTS:
        sizes = (0, len(sample))
    for size in sizes:
        for bare in combinations(sample, size):
            yield Taken(float_type, frozenset(bare))
            if whole:
                yield Taken(float_type, frozenset(bare), whole)


def varying_axes(samples: Sequence[Arrays]) -> dict[str, tuple[int, ...]]:
    """Returns axes along which samples differ, by the input's name.

    Args:
        samples: at least one; an array with another number of axes than the first one's is not
            compared.

    Returns:
        Numbers of axes, the batch axis being 0; inputs without any are left out.
    """
    varying = {}
    for name, array in samples[0].items():
        others = [sample[name].shape for sample in samples[1:] if sample[name].ndim == array.ndim]
        axes = tuple(
            axis
            for axis, size in enumerate(array.shape)
            if any(other[axis] != size for other in others)
        )
        if axes:
            varying[name] = axes
    return varying
