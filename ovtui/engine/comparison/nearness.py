"""How near a model's outputs are to the baseline's, so that no part of them drowns another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

Outputs = Mapping[str, np.ndarray]
"""A sample's outputs by name, as the model shapes them, without the batch axis of one."""

# A part whose values are a tenth of the others' can be destroyed, and the cosine of all falls by
# less than 0.01, which is what `max_drop` allows by default.
_OTHER_SCALE = 10.0
# Of the largest value: what is below is rounding in f32, and no scale of its own.
_ROUNDING = 1e-6
# With fewer values of a channel its largest is chance.
_FEWEST = 16


def cosine(one: Sequence[float] | np.ndarray, other: Sequence[float] | np.ndarray) -> float:
    """Returns the cosine of the angle between two vectors, -1 to 1, calculated in float64.

    Two zero vectors have 1, and one that is zero beside one that is not has 0.

    Args:
        one: numbers of any shape, taken as one vector.
        other: as many.
    """
    first: np.ndarray = np.asarray(one, dtype=np.float64).ravel()
    second: np.ndarray = np.asarray(other, dtype=np.float64).ravel()
    norms = float(np.linalg.norm(first) * np.linalg.norm(second))
    if not norms:
        return float(np.array_equal(first, second))
    return max(-1.0, min(1.0, float(first @ second) / norms))  # rounding gives 1 + 2e-16


class _Group(NamedTuple):
    """Channels of one scale: all of an output where `channels` is None."""

    axis: int
    channels: np.ndarray | None
    scale: float
    """Root mean square of the baseline's values."""

    def near(self, got: np.ndarray, want: np.ndarray) -> float:
        if self.channels is not None:
            got, want = (np.take(it, self.channels, self.axis) for it in (got, want))
        if want.size != 1:
            return cosine(got, want)
        # The cosine of single values is their sign: beside one of the output's scale it has a size.
        beside = self.scale or 1.0
        return cosine([beside, float(got.item())], [beside, float(want.item())])


def nearness(outputs: Sequence[Outputs], wanted: Sequence[Outputs]) -> list[float]:
    """Returns for each sample, how near the part of its outputs that is farthest off is: -1 to 1.

    The lowest over the outputs, and in each output over its groups of channels whose largest values
    lie within a factor of ten (in a chain); channels between 0 and 1 are of one scale, whatever
    their largest value is: probabilities. A group counts by its cosine, a single value by the
    cosine of (scale, value), whole numbers by the share that are equal. An output that is missing,
    or of another shape, counts 0.

    Args:
        outputs: a variant's outputs, one mapping a sample.
        wanted: the baseline's, which tell what the groups are.
    """
    groups = {name: _groups([np.asarray(sample[name]) for sample in wanted]) for name in wanted[0]}
    return [
        min(
            (_near(got.get(name), np.asarray(want[name]), groups[name]) for name in groups),
            default=1.0,
        )
        for got, want in zip(outputs, wanted, strict=True)
    ]


def _near(got: np.ndarray | None, want: np.ndarray, groups: Sequence[_Group]) -> float:
    if got is None or np.shape(got) != want.shape:
        return 0.0
    if not want.size:
        return 1.0
    if want.dtype.kind in "iub":
        return float(np.mean(np.asarray(got) == want))
    return min(group.near(np.asarray(got), want) for group in groups)


def _groups(arrays: Sequence[np.ndarray]) -> list[_Group]:
    """Channels that are judged together, found along the axis where scales differ most."""
    whole = _Group(0, None, _scale(arrays))
    ranks = {array.ndim for array in arrays}
    if len(ranks) > 1 or not all(array.size for array in arrays):
        return [whole]
    groups = [_along(arrays, axis) for axis in range(ranks.pop())]
    gap, axis, channels = max(
        ((gap, axis, channels) for axis, (gap, channels) in enumerate(groups)),
        key=lambda one: one[0],
        default=(0.0, 0, []),
    )
    if gap <= _OTHER_SCALE:
        return [whole]
    return [
        _Group(axis, those, _scale([np.take(array, those, axis) for array in arrays]))
        for those in channels
    ]


def _along(arrays: Sequence[np.ndarray], axis: int) -> tuple[float, list[np.ndarray]]:
    """The widest gap between scales of the slices along an axis, and the groups that gaps make."""
    length = arrays[0].shape[axis]
    others = sum(array.size // max(1, array.shape[axis]) for array in arrays)
    if length < 2 or others < _FEWEST or any(array.shape[axis] != length for array in arrays):
        return 0.0, []
    rest = tuple(other for other in range(arrays[0].ndim) if other != axis)
    largest = np.max([np.abs(array).max(axis=rest) for array in arrays], axis=0).astype(float)
    smallest = np.min([array.min(axis=rest) for array in arrays], axis=0)
    largest[(smallest >= 0) & (largest <= 1) & (largest > 0)] = 1.0
    largest = np.maximum(largest, largest[largest >= _ROUNDING * largest.max()].min())
    if not largest.max():
        return 0.0, []
    order = np.argsort(largest, kind="stable")
    ratios = largest[order][1:] / largest[order][:-1]
    return float(ratios.max()), np.split(order, np.flatnonzero(ratios > _OTHER_SCALE) + 1)


def _scale(arrays: Sequence[np.ndarray]) -> float:
    count = sum(array.size for array in arrays)
    squares = sum(float(np.square(array, dtype=np.float64).sum()) for array in arrays)
    return float(np.sqrt(squares / count)) if count else 0.0
