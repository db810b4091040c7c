"""Inputs that a model is measured with: stored samples, or random values for a bare file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import openvino as ov

from ovtui.core.machine.machine import available_bytes
from ovtui.core.text.errors import SourceError, reason
from ovtui.core.text.units import human_bytes
from ovtui.engine.data.element_types import converted
from ovtui.engine.data.inputs import matched, unbatched
from ovtui.engine.measuring.channel import Failure
from ovtui.engine.models.padding import next_multiple, takes_padding

if TYPE_CHECKING:
    from numpy.lib.npyio import NpzFile

Sample = list[np.ndarray]
"""One array per input, in the model's order."""


def input_name(port: ov.Output) -> str:
    """Returns the name by which a person knows an input."""
    return port.any_name if port.names else port.node.friendly_name


def tensor_of(port: ov.Output, array: np.ndarray) -> ov.Tensor:
    """Returns an `ov.Tensor` that shares an array's memory.

    Args:
        port: an input of an OpenVINO model.
        array: in the input's element type; for bf16, which numpy lacks, 16 bits that hold it.
    """
    if port.element_type == ov.Type.bf16:  # numpy has none: the array holds its bits
        return ov.Tensor(array.view(np.uint16), ov.Shape(array.shape), ov.Type.bf16)
    return ov.Tensor(array, shared_memory=True)


def _typed(port: ov.Output, array: np.ndarray) -> np.ndarray:
    """An array in the input's element type."""
    try:
        return converted(array, port.element_type.to_string(), input_name(port))
    except SourceError as error:
        raise Failure("inputs", str(error)) from error


def random_sample(model: ov.Model, shapes: Mapping[str, list[int]], seed: int) -> Sample:
    """Returns random values for a bare model file; the model is reshaped to the shapes they
    have.

    Args:
        model: an `ov.Model`.
        shapes: by input, where one is not fixed; an empty name is of the only input.
        seed: of the values.

    Raises:
        Failure: a shape is of no input, or an input's shape is open and not given.
    """
    ports = model.inputs
    by_port: dict[int, list[int]] = {}
    for key, shape in shapes.items():
        matching = [i for i, port in enumerate(ports) if key in port.names]
        if not matching and len(ports) == 1 and not key:
            matching = [0]
        if not matching:
            names = ", ".join(input_name(port) for port in ports)
            said = f"no input is named '{key}'" if key else f"{_joined(shape)}: of which input?"
            meant = dict.fromkeys(range(len(ports)), shape) | by_port
            again = _options(ports, by_port if key else meant)
            how = f"say it as in {again}" if again else "all its shapes are fixed, it needs none"
            raise Failure("inputs", f"{said}; the model has: {names}; {how}")
        by_port[matching[0]] = shape
    open_ones = [i for i, port in enumerate(ports) if i not in by_port and _is_open(port)]
    if open_ones:
        shape = ports[open_ones[0]].partial_shape
        said = f"input '{input_name(ports[open_ones[0]])}' has the dynamic shape {shape}"
        raise Failure("inputs", f"{said}; say which, as in {_options(ports, by_port)}")
    final = [static_shape(port, by_port.get(i)) for i, port in enumerate(ports)]
    if any(port.partial_shape.is_dynamic for port in ports):
        model.reshape({i: ov.PartialShape(shape) for i, shape in enumerate(final)})
    generator = np.random.default_rng(seed)
    return [random_array(port, shape, generator) for port, shape in zip(ports, final, strict=True)]


def static_shape(port: ov.Output, wanted: list[int] | None) -> list[int]:
    """Returns the shape to run an input with: as asked, or its own with a free batch of 1."""
    name, partial = input_name(port), port.partial_shape
    if wanted is None:
        return [1 if axis.is_dynamic else axis.get_length() for axis in partial]
    if not partial.compatible(ov.PartialShape(wanted)):
        raise Failure("inputs", f"input '{name}' has shape {partial}, {wanted} does not fit")
    return wanted


def _is_open(port: ov.Output) -> bool:
    """Whether a shape has to be given: more than the batch is not known."""
    partial = port.partial_shape
    return partial.rank.is_dynamic or any(axis.is_dynamic for axis in list(partial)[1:])


def _options(ports: Sequence[ov.Output], given: Mapping[int, list[int]]) -> str:
    """Options to copy: what was given where it fits, an example for every other open input."""
    options = []
    for index, port in enumerate(ports):
        shape = given.get(index)
        if shape is not None and port.partial_shape.compatible(ov.PartialShape(shape)):
            options.append(f"--shape {input_name(port)}={_joined(shape)}")
        elif _is_open(port):
            options.append(f"--shape {input_name(port)}={_joined(_example(port.partial_shape))}")
    return " ".join(options)


def _example(partial: ov.PartialShape) -> list[int]:
    """A shape that an input takes: one sample, of 224 pixels, or 128 of whatever else it counts."""
    if partial.rank.is_dynamic:
        return [1, 3, 224, 224]
    usual = [1, 3, 224, 224] if len(partial) == 4 else [1, *[128] * (len(partial) - 1)]
    shape = []
    for size, axis in zip(usual, partial, strict=True):
        most = axis.get_max_length()  # below 0: no limit
        shape.append(max(axis.get_min_length(), min(size, most) if most >= 0 else size))
    return shape


def _joined(shape: Sequence[int]) -> str:
    return ",".join(map(str, shape))


def random_array(port: ov.Output, shape: list[int], generator: np.random.Generator) -> np.ndarray:
    """Returns floats in [0, 1), or bytes of pixels; other integers are 0 or 1.

    Larger ones, as benchmark_app draws them, are ids and indices beyond many a model's tables.

    Args:
        port: the input.
        shape: static.
        generator: of the values.
    """
    kind = port.element_type
    if kind.is_real():
        return _typed(port, generator.random(shape))
    return _typed(port, generator.integers(0, 256 if kind == ov.Type.u8 else 2, shape))


def stored_samples(model: ov.Model, path: Path) -> list[Sample]:
    """Returns the samples of an archive, in the types that the model takes.

    Inputs are matched by any of their names; of several, never by order.

    Args:
        model: an `ov.Model`.
        path: an `.npz`: for each input an array stacked over samples, or `<input>#<k>` for each.

    Raises:
        Failure: the archive cannot be read, or an input has no samples, or fewer than another.
    """
    try:
        stored = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise Failure("inputs", f"{path}: cannot be read as .npz ({reason(error)})") from error
    with stored:
        keys = list(dict.fromkeys(key.partition("#")[0] for key in stored.files))
        try:
            chosen = matched([port.names for port in model.inputs], keys)
        except SourceError as error:
            raise Failure("inputs", f"{path}: {error}") from error
        columns = [
            column(stored, port, key) for port, key in zip(model.inputs, chosen, strict=True)
        ]
    if not columns or len({len(values) for values in columns}) != 1 or not columns[0]:
        counts = ", ".join(str(len(values)) for values in columns)
        raise Failure("inputs", f"{path}: numbers of samples per input differ or are 0: {counts}")
    return [list(sample) for sample in zip(*columns, strict=True)]


def padded_texts(model: ov.Model, samples: list[Sample], multiple: int) -> list[Sample]:
    """Returns texts with zeros up to a multiple of tokens; others as they are.

    What is padded is masked by these zeros, and time does not depend on which ids it has.

    Args:
        model: an `ov.Model`.
        samples: arrays [1, tokens] of a model that takes padding.
        multiple: of tokens.
    """
    if not takes_padding(model.inputs):
        return samples
    missing = (
        next_multiple(sample[0].shape[1], multiple) - sample[0].shape[1] for sample in samples
    )
    return [
        [np.pad(array, ((0, 0), (0, count))) for array in sample]
        for sample, count in zip(samples, missing, strict=True)
    ]


def column(stored: NpzFile, port: ov.Output, key: str) -> list[np.ndarray]:
    """Returns all samples of one input, in the type that the model takes.

    Args:
        stored: an open `.npz`.
        port: the input.
        key: its name in the file.
    """
    name = input_name(port)
    if key in stored:
        arrays = list(stored[key])
    else:
        count = sum(file.partition("#")[0] == key for file in stored.files)
        arrays = [stored[f"{key}#{k}"] for k in range(count)]
    arrays = [unbatched(port, array) for array in arrays]
    for k, array in enumerate(arrays):
        shape = list(array.shape)
        if not port.partial_shape.compatible(ov.PartialShape(shape)):
            expected = f"the model takes {port.partial_shape}"
            raise Failure("inputs", f"input '{name}', sample {k}: shape {shape}, {expected}")
    return [_typed(port, array) for array in arrays]


def batched(model: ov.Model, samples: list[Sample], size: int) -> list[Sample]:
    """Returns samples of one shape joined along their first axis; the model is reshaped to take
    them.

    Args:
        model: an `ov.Model`.
        samples: of one shape.
        size: samples together.

    Raises:
        Failure: the samples differ in shape, or have no batch axis of one; or a batch takes more
            memory than there is.
    """
    forms = {tuple(array.shape for array in sample) for sample in samples}
    if len(forms) > 1 or any(not array.ndim or array.shape[0] != 1 for array in samples[0]):
        raise Failure("inputs", "batches: the samples have no common shape of batch 1")
    needed = size * sum(array.nbytes for array in samples[0])
    if (free := available_bytes()) is not None and needed > free:
        raise Failure(
            "inputs",
            f"a batch of {size} takes {human_bytes(needed)} of memory for its inputs alone, and "
            f"{human_bytes(free)} are free",
        )
    groups = max(1, len(samples) // size)
    joined = []
    for first in range(groups):
        members = [samples[(first * size + k) % len(samples)] for k in range(size)]
        joined.append([np.concatenate(arrays) for arrays in zip(*members, strict=True)])
    model.reshape({i: ov.PartialShape(array.shape) for i, array in enumerate(joined[0])})
    return joined
