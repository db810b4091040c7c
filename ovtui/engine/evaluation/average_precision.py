"""Average precision from matches, of the pictures as they are and drawn again at random."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ovtui.core.statistics.intervals import RESAMPLES
from ovtui.engine.evaluation.box_matches import Matches

_RECALLS = np.linspace(0, 1, 101)
"""COCO reads a curve of precision at so many levels of recall (Lin et al. 2014)."""
_SEED = 20260
_CELLS = 2**21
"""Of an array over resamples and predictions: 16 MB."""


def resampled_pictures(count: int) -> np.ndarray:
    """Returns how often each picture is drawn in each of 2000 resamples, the same every time.

    Args:
        count: of pictures; as many are drawn, with replacement (Efron 1979).

    Returns:
        Int [2000, count].
    """
    generator = np.random.default_rng(_SEED)
    return generator.multinomial(count, np.full(count, 1 / count), size=RESAMPLES)


def average_precisions(matches: Matches, drawn: np.ndarray) -> np.ndarray:
    """Returns the average precision of a class for each resample and threshold of IoU.

    A picture that is drawn twice counts as two: its predictions have equal scores and follow each
    other, and as among equal ones only the last right one's precision counts, the curve is that of
    weights.

    Args:
        matches: of the class.
        drawn: int [R, pictures], how often each picture is there.

    Returns:
        Float [R, 10]; NaN where no object of the class is there.
    """
    wanted = drawn @ matches.there
    matches = _up_to_the_last_right(matches)
    precisions = np.empty((len(drawn), len(matches.right)))
    step = max(1, _CELLS // max(1, len(matches.pictures)))
    for start in range(0, len(drawn), step):
        part = slice(start, start + step)
        precisions[part] = _part(matches, drawn[part], wanted[part])
    precisions[wanted == 0] = np.nan
    return precisions


def _up_to_the_last_right(matches: Matches) -> Matches:
    """Without what comes after: it lowers no precision that is read, and is most of the boxes."""
    places = np.flatnonzero(matches.right.any(axis=0))
    most = places[-1] + 1 if len(places) else 0
    return matches._replace(
        pictures=matches.pictures[:most],
        right=matches.right[:, :most],
        ignored=matches.ignored[:, :most],
    )


def _part(matches: Matches, drawn: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    weights = drawn[:, matches.pictures].astype(np.float32)  # exact up to 16 million
    seen = np.cumsum(weights, axis=1)
    precisions = np.zeros((len(drawn), len(matches.right)))
    for threshold, right in enumerate(matches.right):
        ignored = matches.ignored[threshold]
        counted = np.cumsum(weights * ~ignored, axis=1) if ignored.any() else seen
        places = np.flatnonzero(right)
        if len(places):
            hits = np.cumsum(weights[:, places], axis=1)
            precisions[:, threshold] = _area(hits, counted[:, places], wanted)
    return precisions


def _area(hits: np.ndarray, counted: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The mean over levels of recall of the best precision at that level or beyond.

    Args:
        hits: float [R, right ones]: right predictions up to each of these.
        counted: float [R, right ones]: all predictions up to it.
        wanted: int [R]: objects that are there.
    """
    precision = hits / np.maximum(counted, 1)
    best = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    recall = hits / np.maximum(wanted, 1)[:, None]
    reached = np.searchsorted(_RECALLS, recall, side="right") * (hits > 0)
    levels = np.diff(reached, axis=1, prepend=0)
    return np.asarray((levels * best).sum(axis=1) / len(_RECALLS))


def recalls(matches: Matches) -> np.ndarray:
    """Returns the share of a class's objects that are found: float [10]; NaN where none is there,
    of each threshold of IoU.
    """
    there = matches.there.sum()
    if not there:
        return np.full(len(matches.right), np.nan)
    return np.asarray(matches.right.sum(axis=1) / there)


def mean_of_classes(values: Sequence[np.ndarray]) -> np.ndarray:
    """Returns the mean over classes that are there, and over all but the first of their axes.

    Args:
        values: of each class, float [R, …]; NaN where it is not there.

    Returns:
        Float [R]; 0 where no class is there.
    """
    stacked = np.stack(values).reshape(len(values), len(values[0]), -1)
    there = ~np.isnan(stacked)
    sums, counts = np.nansum(stacked, axis=(0, 2)), there.sum(axis=(0, 2))
    return np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
