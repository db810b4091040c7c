"""`predictions.jsonl`: every evaluation row with what each variant said of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from ovtui.core.files.reading import decode_json, open_regular, readable
from ovtui.core.results.result import Sample
from ovtui.core.text.errors import UserError

FILE = "predictions.jsonl"
_MOST_LINE_BYTES = 16 * 2**20


def write(folder: Path, samples: Iterable[Sample]) -> None:
    """Keeps the rows in a run folder, one a line."""
    with (folder / FILE).open("wb") as file:
        for sample in samples:
            file.write(msgspec.json.encode(sample) + b"\n")


def find(folder: Path, index: str) -> Sample:
    """Returns a row of the evaluation with what the models said of it.

    Args:
        folder: of the run.
        index: of the row in its split, as `Sample.id` has it.

    Raises:
        UserError: the run has no such row, or kept no predictions.
    """
    known: list[str] = []
    for sample in every(folder):
        if sample.id == index:
            return sample
        known.append(sample.id)
    some = ", ".join(known[:5]) + (f", … {known[-1]}" if len(known) > 5 else "")
    raise UserError(f"sample {index}: was not evaluated; the {len(known)} rows are {some}")


def every(folder: Path) -> Iterator[Sample]:
    """Yields all rows, in the order of the evaluation.

    Raises:
        UserError: the run kept no predictions, or they are damaged.
    """
    path = folder / FILE
    with readable(path):
        try:
            file = open_regular(path)
        except FileNotFoundError:
            raise UserError(
                f"{folder.name}: keeps no predictions of all samples; run the recipe again"
            ) from None
        with file:
            while line := file.readline(_MOST_LINE_BYTES):
                yield decode_json(line, Sample, str(path))
