"""What a model's outputs are called, and which of them have an axis for the samples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import openvino as ov

from ovtui.engine.data.inputs import bind, names_of
from ovtui.engine.data.spool import Arrays


class Output(NamedTuple):
    """An output of a model."""

    name: str
    batched: bool = False
    """Its first axis counts samples, of which a row is one."""


def output_names(ports: Sequence[ov.Output]) -> list[str]:
    """Returns a name for each output: its own, or its number where it has none that says more."""
    taken: list[str] = []
    for number, port in enumerate(ports):
        names = sorted(name for name in names_of(port) if not name.isdigit())
        name = next((name for name in names if name not in taken), str(number))
        taken.append(name)
    return taken


def outputs_of(path: Path, sample: Arrays) -> list[Output]:
    """Returns the outputs of a model file, as they are for one row.

    An output has an axis for the samples where a batch axis was put in front of the row's inputs,
    and the graph's own shapes say that the output's first axis is one then: a detector that
    finds one object has such an axis by chance only.

    Args:
        path: an IR or ONNX file.
        sample: one row's inputs, with a batch axis of one.
    """
    model = ov.Core().read_model(path)
    names = output_names(model.outputs)
    given = bind(model.inputs, sample)
    ranks = {name: array.ndim for name, array in sample.items()}
    in_front = any(
        array.ndim == ranks.get(name, array.ndim)
        for port, array in zip(model.inputs, given, strict=True)
        for name in names_of(port) or {""}
    )
    model.reshape({index: list(array.shape) for index, array in enumerate(given)})
    ports = zip(names, model.outputs, strict=True)
    return [Output(name, in_front and _is_one(port)) for name, port in ports]


def _is_one(port: ov.Output) -> bool:
    shape = port.get_partial_shape()
    if shape.rank.is_dynamic or not len(shape):
        return False
    return bool(shape[0].is_static and shape[0].get_length() == 1)
