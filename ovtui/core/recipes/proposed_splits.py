"""Which rows calibrate and which are evaluated, so that none is both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ovtui.core.files.reading import TomlTable
from ovtui.core.recipes.data_facts import DataColumn, Split
from ovtui.core.text.errors import SourceError

_EVALUATION = ("test", "validation", "valid", "val", "dev", "eval", "evaluation")
_CALIBRATION = ("train", "training", "calibration", "validation", "valid", "val", "dev")
CALIBRATION_SAMPLES = 300
"""NNCF's own `subset_size`."""


class Subsets(NamedTuple):
    """What `data.calibration` and `data.evaluation` hold, and why."""

    calibration: TomlTable
    evaluation: TomlTable
    reason: str
    uncertain: bool = False


def evaluation_splits(names: Sequence[str]) -> list[str]:
    """Returns the splits that may be evaluated, the likeliest first."""
    known = [name for wanted in _EVALUATION for name in names if name.lower().startswith(wanted)]
    return list(dict.fromkeys([*known, *names]))


def proposed_splits(
    splits: Sequence[Split], evaluated: str, label: DataColumn | None, most: int
) -> Subsets:
    """Returns rows for calibration and for evaluation that have none in common.

    Args:
        splits: of the data.
        evaluated: the one that is evaluated.
        label: the column of right answers.
        most: calibration samples at most.

    Raises:
        SourceError: there are too few rows to have some for each.
    """
    others = [split for split in splits if split.name != evaluated and split.rows]
    named = [it for wanted in _CALIBRATION for it in others if it.name.lower().startswith(wanted)]
    if other := next(iter([*named, *others]), None):
        count = min(most, other.rows)
        return Subsets(
            {"split": other.name, "samples": count},
            {"split": evaluated},
            f"the data are in splits: {other.name} has {other.rows} rows",
            uncertain=not named,
        )
    (rows,) = [split.rows for split in splits if split.name == evaluated]
    if rows < 2:
        raise SourceError(
            "the data have one row: some are needed to calibrate, and others to judge"
        )
    if label is not None and label.in_order:
        return Subsets(
            {"split": f"{evaluated}[::2]", "samples": min(most, (rows + 1) // 2)},
            {"split": f"{evaluated}[1::2]"},
            f"one split of {rows} rows, sorted by {label.name!r}: every second row, so that "
            "both have all of its values",
        )
    cut = min(most, max(1, rows // 3))
    return Subsets(
        {"split": f"{evaluated}[:{cut}]"},
        {"split": f"{evaluated}[{cut}:]"},
        f"one split of {rows} rows, cut in two",
    )
