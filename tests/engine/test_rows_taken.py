"""Which rows a slice takes, and which columns make one input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ovtui.core.recipes.recipe import Data, Subset
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.selection import select


@pytest.fixture
def base(tmp_path: Path) -> Path:
    rows = "\n".join(f"{number},{number / 2},{number % 3}" for number in range(10))
    (tmp_path / "data.csv").write_text(f"length,width,price\n{rows}\n")
    return tmp_path


def _data(split: str, **columns: str | list[str]) -> Data:
    return Data(source="data.csv", evaluation=Subset(split=split), columns=columns)


def test_every_second_row(base: Path) -> None:
    taken = {}
    for split in ("all[::2]", "all[1::2]", "all[1:7:3]"):
        data = _data(split, x="length")
        taken[split] = select(data, data.evaluation, (), base).indices.tolist()
    assert taken == {
        "all[::2]": [0, 2, 4, 6, 8],
        "all[1::2]": [1, 3, 5, 7, 9],
        "all[1:7:3]": [1, 4],
    }


@pytest.mark.parametrize("split", ["all[::0]", "all[::-1]", "all[::50%]"])
def test_what_is_no_step_is_refused(base: Path, split: str) -> None:
    data = _data(split, x="length")
    with pytest.raises(SourceError, match="expected a split, or a slice"):
        select(data, data.evaluation, (), base)


def test_several_columns_are_one_input(base: Path) -> None:
    data = _data("all", x=["length", "width"], reference="price")
    row = select(data, data.evaluation, (), base).row(3)
    assert row == {"x": [3, 1.5], "reference": 0}
    assert np.asarray(row["x"]).shape == (2,)
    data = _data("all", x=["length", "widht"])
    with pytest.raises(SourceError, match="no column 'widht' for 'x', did you mean 'width'"):
        select(data, data.evaluation, (), base)
