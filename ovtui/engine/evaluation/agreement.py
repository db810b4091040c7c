"""How near a variant's raw outputs are to the baseline's: each by itself, and all together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np

from ovtui.core.results.variant import Agreement, OutputNearness
from ovtui.engine.comparison.nearness import cosine
from ovtui.engine.data.spool import Arrays, Groups


def without_numbers(outputs: Groups, names: Sequence[str]) -> dict[int, str]:
    """Returns the positions of samples that are answered with NaN or infinity, and in which output.

    Args:
        outputs: of every sample.
        names: of the model's outputs, by their index; those without one are named as stored.
    """
    outputs_without: dict[int, str] = {}
    for position, calls in enumerate(outputs):
        for name, array in (item for call in calls for item in call.items()):
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                outputs_without.setdefault(position, output_name(name, names))
    return outputs_without


def output_name(stored: str, names: Sequence[str]) -> str:
    """Returns what the model calls an output, which is stored by its index or by its name."""
    return names[int(stored)] if stored.isdigit() and int(stored) < len(names) else stored


def agreement(
    baseline: Iterable[list[Arrays]],
    variant: Iterable[list[Arrays]],
    names: Sequence[str],
    compared: Collection[str] | None,
    same: Sequence[bool],
    left_out: Collection[int] = (),
) -> Agreement:
    """Returns how near a variant's raw outputs are to the baseline's, of every output and of all as
    one.

    A sample whose output has another shape counts: what one side lacks is compared with zeros.

    Args:
        baseline: the baseline's outputs for every sample; its name is for the caller to add.
        variant: the variant's, in the same order.
        names: of the model's outputs, by their index.
        compared: names of the outputs that count, as stored; all of them when None.
        same: for each sample, whether the answers are the same.
        left_out: positions of samples that are answered without numbers, which are near to none.
    """
    whole, single = _Nearness(""), dict[str, _Nearness]()
    for position, (wants, gots) in enumerate(zip(baseline, variant, strict=True)):
        if position in left_out:
            continue
        for want, got in zip(wants, gots, strict=True):
            pairs = list(_pairs(want, got, compared))
            for stored, one, other in pairs:
                title = output_name(stored, names)
                single.setdefault(title, _Nearness(title)).add([(one, other)])
            whole.add([(one, other) for _, one, other in pairs])
    nearness = whole.nearness()
    return Agreement(
        with_="",
        value=sum(same) / len(same),
        cosine=nearness.cosine,
        min_cosine=nearness.min_cosine,
        max_abs_difference=nearness.max_abs_difference,
        outputs=[it.nearness() for it in single.values()],
        not_finite=len(left_out),
    )


def _pairs(
    want: Arrays, got: Arrays, compared: Collection[str] | None
) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Outputs of both sides in order, by the baseline's names: PyTorch has others."""
    both = zip(want.items(), got.values(), strict=True)
    for (name, one), other in both:
        if (compared is None or name in compared) and one.dtype.kind in "fiub":
            yield name, one, other


class _Nearness:
    """What is seen of the samples one after another."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._cosines: list[float] = []
        self._largest = 0.0
        self._scale = 0.0
        self._reshaped = 0

    def add(self, pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> None:
        """One call's outputs of both sides."""
        self._reshaped += any(one.shape != other.shape for one, other in pairs)
        aligned = [_aligned(one, other) for one, other in pairs]
        want, got = (np.concatenate([it[side] for it in aligned]) for side in (0, 1))
        self._cosines.append(cosine(want, got))
        self._largest = max(self._largest, float(np.abs(want - got).max(initial=0.0)))
        self._scale = max(self._scale, float(np.abs(want).max(initial=0.0)))

    def nearness(self) -> OutputNearness:
        return OutputNearness(
            name=self.name,
            cosine=float(np.mean(self._cosines)) if self._cosines else None,
            min_cosine=min(self._cosines, default=None),
            max_abs_difference=self._largest if self._cosines else None,
            largest=self._scale if self._cosines else None,
            other_shape=self._reshaped,
        )


def _aligned(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both as float64 [values] of one length; along axes where one ends earlier it goes on as 0."""
    one, other = one.astype(np.float64), other.astype(np.float64)
    if one.shape == other.shape:
        return one.ravel(), other.ravel()
    if one.ndim != other.ndim:
        one, other = one.ravel(), other.ravel()
    shape = [max(sizes) for sizes in zip(one.shape, other.shape, strict=True)]
    first, second = (_filled(it, shape) for it in (one, other))
    return first.ravel(), second.ravel()


def _filled(array: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    rest = [(0, size - own) for size, own in zip(shape, array.shape, strict=True)]
    return np.pad(array, rest)
