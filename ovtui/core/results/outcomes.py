"""Per-sample outcomes of a run, kept so that runs can be compared pair by pair."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ovtui.core.files.reading import Damaged, read_json
from ovtui.core.files.writing import write_atomically

FILE = "outcomes.json"


class Outcomes(msgspec.Struct, frozen=True, kw_only=True):
    """`outcomes.json`: which samples, and how each variant did on each of them."""

    metric: str
    reduction: str
    """How outcomes add up, as in `ovtui.core.results.compare.reduce_outcomes`."""
    higher_is_better: bool
    dataset: str
    split: str
    samples: list[int]
    """Index of each sample in its split."""
    digests: list[str] = []
    """Of what the model was given of each sample, in the order of `samples`; none in old runs."""
    variants: dict[str, list[list[float]]]
    """Outcomes by variant, in the order of `samples`."""
    resampled: dict[str, list[float]] = {}
    """Of a metric that no sum of outcomes gives: by variant its value, and then those of resamples
    that are the same for all runs on as many samples."""


def write(folder: Path, outcomes: Outcomes) -> None:
    """Keeps the outcomes in a run folder."""
    write_atomically(folder / FILE, msgspec.json.encode(outcomes))


def read(folder: Path) -> Outcomes | None:
    """Returns the outcomes of a run folder; None where there are none that can be read and used."""
    try:
        outcomes = read_json(folder / FILE, Outcomes)
    except (OSError, Damaged):
        return None
    lengths = {len(each) for each in outcomes.variants.values()}
    if outcomes.digests:
        lengths.add(len(outcomes.digests))
    whole = lengths <= {len(outcomes.samples)}
    return outcomes if whole else None
