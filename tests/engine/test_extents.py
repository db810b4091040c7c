"""What values samples have, by input."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from ovtui.engine.data.extents import Extents
from ovtui.engine.data.rows import Unusable
from ovtui.engine.store.stage_output import Extent


def test_ends_are_numbers_that_can_be_stored() -> None:
    """Of booleans too: a stage leaves them as JSON."""
    extents = Extents()
    extents.add(3, [{"flag": np.array([True]), "x": np.array([0.5], np.float32)}])
    extents.add(7, [{"flag": np.array([False]), "x": np.array([2], np.float32)}])
    stored = msgspec.json.encode(extents.by_input)
    assert msgspec.json.decode(stored, type=dict[str, Extent]) == {
        "flag": Extent(least=0.0, least_row=7, most=1.0, most_row=3),
        "x": Extent(least=0.5, least_row=3, most=2.0, most_row=7, fraction=0.5, fraction_row=3),
    }


@pytest.mark.parametrize(("value", "word"), [(np.nan, "NaN"), (-np.inf, "infinity")])
def test_a_row_that_is_not_finite_is_unusable(value: float, word: str) -> None:
    with pytest.raises(Unusable, match=f"input 'x' holds {word}"):
        Extents().add(0, [{"x": np.array([1, value], np.float32)}])
