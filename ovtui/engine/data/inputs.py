"""Fits named samples to a model's inputs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from ovtui.core.errors import SourceError
from ovtui.engine.data.spool import Arrays


def names_of(port: Any) -> set[str]:
    """All names of a model's input or output; empty for one without any."""
    return set(port.get_names())


def bind(ports: Sequence[Any], sample: Arrays) -> list[np.ndarray]:
    """A sample's arrays in the order of the model's inputs, in their dtypes.

    Arrays are matched by name, and by order where the names differ but the numbers are equal.

    Raises:
        SourceError: an input has no array.
    """
    known = [names_of(port) & sample.keys() for port in ports]
    if all(known):
        chosen = [sample[next(iter(names))] for names in known]
    elif len(ports) == len(sample):
        chosen = list(sample.values())
    else:
        wanted = ", ".join("/".join(sorted(names_of(port))) or "?" for port in ports)
        raise SourceError(
            f"the model's inputs are {wanted}; the data gives {', '.join(sample) or 'none'} "
            "(map them with data.columns)"
        )
    return [_fit(port, array) for port, array in zip(ports, chosen, strict=True)]


def batched_shapes(
    ports: Sequence[Any], sample: Arrays, size: int, shared: Collection[str]
) -> dict[int, list[int]]:
    """By index, the inputs' shapes for so many samples at once; shared inputs are given once."""
    return {
        index: [*array.shape] if names_of(port) & set(shared) else [size, *array.shape[1:]]
        for index, (port, array) in enumerate(zip(ports, bind(ports, sample), strict=True))
    }


def _fit(port: Any, array: np.ndarray) -> np.ndarray:
    shape = port.get_partial_shape()
    if not shape.rank.is_dynamic and not shape.compatible(type(shape)(list(array.shape))):
        name = next(iter(sorted(names_of(port))), "input")
        raise SourceError(
            f"input {name!r} of the model takes {shape}, the data gives {list(array.shape)}; "
            "check [data.preprocessing] (resize, layout, colour)"
        )
    return np.ascontiguousarray(array, dtype=port.get_element_type().to_dtype())
