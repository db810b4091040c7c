"""Fits named samples to a model's inputs: by name, and only where no value is changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import openvino as ov

from ovtui.core.text.errors import SourceError, nearest
from ovtui.engine.data.element_types import converted
from ovtui.engine.data.spool import Arrays
from ovtui.engine.data.whole_numbers import OWN_SCALE

PICTURE = "pixel_values"
"""What tasks call a picture, whatever the model calls it."""


def names_of(port: ov.Output) -> set[str]:
    """Returns all names of a model's input or output; empty for one without any."""
    return set(port.get_names())


def bind(ports: Sequence[ov.Output], sample: Arrays) -> list[np.ndarray]:
    """Returns a sample's arrays in the order of the model's inputs, in their element types.

    Arrays are matched by name. Only a model's single input takes a single array of another name:
    of several, their order would say nothing about which is which. The batch axis of one that was
    put in front is taken off where only then the array fits: scalars, states, and rows that are
    whole batches.

    Raises:
        SourceError: an input has no array, or one whose shape or values it cannot take.
    """
    chosen = [sample[name] for name in matched([names_of(port) for port in ports], sample)]
    return [fitted(port, array, sample) for port, array in zip(ports, chosen, strict=True)]


def matched(ports: Sequence[Collection[str]], given: Collection[str]) -> list[str]:
    """Returns for each input, by its names, the one of the given names that it takes.

    Inputs without any name are given theirs in order.

    Raises:
        SourceError: an input has none.
    """
    taken = [next((name for name in given if name in names), None) for names in ports]
    if len(ports) == len(given) and (len(ports) == 1 or not any(ports)):
        return list(given)
    missing = [
        "/".join(sorted(names)) or "?"
        for names, name in zip(ports, taken, strict=True)
        if name is None
    ]
    if missing:
        left = [name for name in given if name not in taken]
        instead = (
            f": {nearest(left[0], [name for names in ports for name in names])}" if left else ""
        )
        raise SourceError(
            f"the data have nothing for the model's input {', '.join(missing)}; they give "
            f"{', '.join(given) or 'none'}{instead} (map them with data.columns)"
        )
    return [name for name in taken if name is not None]


def fitted(port: ov.Output, array: np.ndarray, sample: Collection[str] = ()) -> np.ndarray:
    """Returns an array as an input takes it: of its shape, in its element type, contiguous.

    Args:
        port: the model's input.
        array: of one sample.
        sample: names of all of the sample's arrays, which tell whether it is a picture.

    Raises:
        SourceError: the shape is another, or a value would change.
    """
    name = next(iter(sorted(names_of(port))), "input")
    shape, array = port.get_partial_shape(), unbatched(port, array)
    if not _fits(shape, array.shape):
        raise SourceError(
            f"input {name!r} of the model takes {shape}, the data gives {list(array.shape)}"
            f"{_advice(shape, array.shape, sample)}"
        )
    try:
        return converted(array, port.get_element_type().to_string(), name)
    except SourceError as error:
        raise SourceError(f"{error}; {OWN_SCALE}" if PICTURE in sample else str(error)) from error


def unbatched(port: ov.Output, array: np.ndarray) -> np.ndarray:
    """Returns an array without the batch axis of one in front, where the input takes it only so.

    Args:
        port: an input of an OpenVINO model.
        array: of a sample, of any shape; returned as it is where it fits, or nothing would.
    """
    shape = port.get_partial_shape()
    if _fits(shape, array.shape) or array.shape[:1] != (1,) or not _fits(shape, array.shape[1:]):
        return array
    return array[0]


def _fits(shape: ov.PartialShape, given: Sequence[int]) -> bool:
    return bool(shape.compatible(ov.PartialShape(list(given))))


def _advice(shape: ov.PartialShape, given: Sequence[int], sample: Collection[str]) -> str:
    """What to do where a shape does not fit."""
    static = not shape.rank.is_dynamic and len(shape) > 0
    size = int(shape[0].get_min_length()) if static else 1
    if given[:1] == (1,) and size > 1 and _fits(shape, [size, *given[1:]]):
        sizes = str(shape[0]).replace("..", " to ")
        return (
            f"; the model takes batches of {sizes} only: give rows of {size}, "
            "or export it with a batch of one"
        )
    if PICTURE in sample:
        return "; check [data.preprocessing] (resize, layout, colour)"
    if static and len(shape) == len(given):
        axes = [k for k, size in enumerate(given) if not _fits(shape[k : k + 1], [size])]
        return f"; a PyTorch model's axes are left free by model.dynamic = {{ NAME = {axes} }}"
    return ""


def batched_shapes(
    ports: Sequence[ov.Output], sample: Arrays, size: int, shared: Collection[str]
) -> dict[int, list[int]]:
    """Returns the inputs' shapes for so many samples at once, by index; shared inputs are given
    once.

    Args:
        ports: the model's inputs.
        sample: arrays by input, of one sample.
        size: samples together.
        shared: inputs that are given once.
    """
    return {
        index: [*array.shape] if names_of(port) & set(shared) else [size, *array.shape[1:]]
        for index, (port, array) in enumerate(zip(ports, bind(ports, sample), strict=True))
    }
