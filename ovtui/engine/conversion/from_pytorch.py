"""A PyTorch module as an OpenVINO graph, and its own answers, which the graph is checked by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import openvino as ov
import torch

from ovtui.core.text.errors import SourceError
from ovtui.engine.components.trace import trace
from ovtui.engine.data.examples import Examples
from ovtui.engine.data.spool import Arrays
from ovtui.engine.models.openvino_errors import kind_and_line, telling_line
from ovtui.engine.models.pytorch import (
    Given,
    beyond_a_table,
    call,
    call_with_all,
    given_to,
    named_tensors,
    names_of_forward,
    tensors_of,
)
from ovtui.engine.store.progress import Journal

_FEW = 4
"""Positions of the shortest text that a graph is checked with: two words between their ends."""


class Answer(NamedTuple):
    """What the original says of a sample."""

    sample: Arrays
    """As the graph is given it."""
    outputs: Arrays
    """By the names of the original's outputs, or their numbers."""


class Traced(NamedTuple):
    """What a graph should say."""

    outputs: list[str]
    """Names of the graph's outputs, in order."""
    answers: list[Answer]


def trace_module(
    module: torch.nn.Module, examples: Examples, journal: Journal
) -> tuple[ov.Model, Traced]:
    """Traces a module with the first sample, its inputs named as the samples name them.

    Args:
        module: a `torch.nn.Module`.
        examples: inputs by name, and which of their axes stay free.
        journal: told of inputs that are left out.

    Returns:
        The `ov.Model`, and what it should say.

    Raises:
        SourceError: the module does not take the samples, or OpenVINO cannot convert it.
    """
    module = module.eval()
    torch.set_num_threads(1)  # as `trace` does
    with torch.no_grad():
        given = _of_use(module, examples.prepared[0])
        samples = [{name: it[name] for name in given.names} for it in examples.prepared]
        answers = _answers(module, examples._replace(prepared=samples), journal)
    if given.left_out:
        taken = ", ".join(given.names)
        journal.warn(
            f"the model has no use for {', '.join(given.left_out)}: left out, it is given {taken}"
        )
    sample = samples[0]
    shapes = [_shape(array, examples.dynamic.get(name, ())) for name, array in sample.items()]
    model = _traced(_in_order(module, given), tuple(tensors_of(sample).values()), shapes)
    if any(port.get_partial_shape().rank.is_dynamic for port in model.inputs):
        model.reshape(dict(enumerate(shapes)))  # TorchScript of a person's own has no shapes
    for port, name in zip(model.inputs, sample, strict=False):
        port.get_tensor().set_names({name})  # and none of the trace's own
    names = list(answers[0].outputs)
    for port, name in zip(model.outputs, names, strict=False):
        if not name.isdigit():
            port.get_tensor().add_names({name})
    return model, Traced(names, answers)


def _traced(
    module: torch.nn.Module, arguments: tuple[torch.Tensor, ...], shapes: Sequence[ov.PartialShape]
) -> ov.Model:
    """The module as an `ov.Model`, whatever it returns around its tensors.

    Raises:
        SourceError: OpenVINO cannot convert it.
    """
    try:
        return trace(module, arguments, shapes)
    except Exception as error:
        try:
            return trace(_Flat(module), arguments, shapes)
        except Exception:  # what the module itself is refused for says more
            raise SourceError(
                f"OpenVINO cannot convert this model: {telling_line(error)}"
            ) from error


def lengths(sample: Arrays, dynamic: Mapping[str, Sequence[int]]) -> list[Arrays]:
    """Returns a sample cut and repeated along its free axes: a trace may hold the first's shape.

    Returns:
        Its first half, its first few positions, and the sample twice over; none like another.
    """

    def taken(size: int) -> list[range]:
        few, half = range(min(size, _FEW)), range((size + 1) // 2)
        return [half, few, range(2 * size if size > 1 else 1)]

    samples: list[Arrays] = []
    for way in range(len(taken(1))):
        other = {}
        for name, array in sample.items():
            for axis in dynamic.get(name, ()):
                array = np.take(array, taken(array.shape[axis])[way], axis, mode="wrap")
            other[name] = np.ascontiguousarray(array)
        if all(not _alike(other, it) for it in (sample, *samples)):
            samples.append(other)
    return samples


def _alike(one: Arrays, other: Arrays) -> bool:
    return all(one[name].shape == other[name].shape for name in one)


def _of_use(module: torch.nn.Module, sample: Arrays) -> Given:
    """How a sample goes to a module, without what its `**kwargs` swallow."""
    given = given_to(module, list(sample))
    idle = [name for name in given.loose if not _matters(module, sample, name)]
    kept = [name for name in given.names if name not in idle]
    return given._replace(names=kept, left_out=[*given.left_out, *idle])


def _matters(module: torch.nn.Module, sample: Arrays, name: str) -> bool:
    """Whether a module answers otherwise when an input is another, or is not there."""
    array = sample[name]
    other = array ^ 1 if array.dtype.kind in "bui" else array + 1
    rest = {key: value for key, value in sample.items() if key != name}
    try:
        without = call(module, tensors_of(rest))
        changed = call(module, tensors_of({**rest, name: other}))
    except Exception:  # it is missed, or is looked at: whoever calls it as it is will see
        return True
    return any(not np.array_equal(changed[key], without[key]) for key in without)


def _answers(module: torch.nn.Module, examples: Examples, journal: Journal) -> list[Answer]:
    """What the original says: of the samples, of other lengths, and as transformers calls it."""
    samples = examples.prepared
    try:
        answers = [Answer(sample, call(module, tensors_of(sample))) for sample in samples]
    except SourceError:
        raise
    except Exception as error:
        raise SourceError(
            f"the PyTorch model does not run on a sample ({_described(samples[0])}): "
            f"{beyond_a_table(module, samples) or kind_and_line(error)}"
        ) from error
    for sample in lengths(samples[0], examples.dynamic):
        try:
            answers.append(Answer(sample, call(module, tensors_of(sample))))
        except Exception:  # too short or too long for the original
            continue
    for sample, everything in zip(samples, examples.processed, strict=False):
        try:
            answers.append(Answer(sample, call_with_all(module, tensors_of(everything))))
        except Exception as error:
            journal.warn(
                "conversion is not checked by a call as in transformers, model(**inputs): "
                f"{kind_and_line(error)}"
            )
            break
    return answers


def _described(sample: Arrays) -> str:
    return ", ".join(f"{name} {list(array.shape)}" for name, array in sample.items())


def _in_order(module: torch.nn.Module, given: Given) -> torch.nn.Module:
    """The module, or what gives it by name the arguments that it is called with in this order."""
    if not given.by_name or names_of_forward(module)[: len(given.names)] == given.names:
        return module
    return _ByName(module, given.names)


class _ByName(torch.nn.Module):
    """A module whose arguments go on by name.

    OpenVINO's own wrapper, for named inputs that are not the first ones, falls back to their order
    where it cannot be built, and says so in a log alone.
    """

    def __init__(self, module: torch.nn.Module, names: Sequence[str]) -> None:
        super().__init__()
        self.model = module
        self.names = names
        self.config = getattr(module, "config", None)

    def forward(self, *arguments: torch.Tensor) -> Any:
        return self.model(**dict(zip(self.names, arguments, strict=True)))


class _Flat(torch.nn.Module):
    """A module that returns its tensors alone: traces hold no None and no dict inside another."""

    def __init__(self, module: torch.nn.Module) -> None:
        super().__init__()
        self.model = module

    def forward(self, *arguments: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return tuple(tensor for _, tensor in named_tensors(self.model(*arguments), ""))


def _shape(array: np.ndarray, dynamic: Sequence[int]) -> ov.PartialShape:
    return ov.PartialShape(
        [-1 if axis in dynamic else size for axis, size in enumerate(array.shape)]
    )
