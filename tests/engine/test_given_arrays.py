"""Arrays given by hand: read by name, or refused in a line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ovtui.core.errors import SourceError
from ovtui.engine.data.given_arrays import given_arrays


def test_arrays_are_read_by_name(tmp_path: Path) -> None:
    one, both = tmp_path / "one.npy", tmp_path / "both.npz"
    np.save(one, np.arange(3))
    np.savez(both, a=np.ones((2, 2)), b=np.array(7))
    assert given_arrays({"x": str(one)})["x"].tolist() == [0, 1, 2]
    assert {name: it.shape for name, it in given_arrays({"": str(both)}).items()} == {
        "a": (2, 2),
        "b": (),
    }
    with pytest.raises(SourceError, match="leave out 'x'"):
        given_arrays({"x": str(both)})


def test_what_is_no_array_is_refused(tmp_path: Path) -> None:
    text, pickled = tmp_path / "text.npy", tmp_path / "pickled.npy"
    text.write_text("no array")
    np.save(pickled, np.array([{}]), allow_pickle=True)
    for path in (text, pickled):
        with pytest.raises(SourceError, match=r"no \.npy file of numbers"):
            given_arrays({"x": str(path)})
