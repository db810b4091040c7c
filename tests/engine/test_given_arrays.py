"""Arrays given by hand: read by name, or refused in a line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ovtui.core.asking.ask_models import Question
from ovtui.core.recipes import recipe as recipes
from ovtui.core.text.errors import SourceError, UserError
from ovtui.engine.ask.question import row_of
from ovtui.engine.data.given_arrays import given_arrays
from tests.support.tensor_recipe import RECIPE


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


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "expected --input NAME=FILE.npy"),
        ({"texts": ["x"]}, "expected --input NAME=FILE.npy"),
        ({"inputs": {"z": "x.npy"}}, "--input z: the model has no such input"),
    ],
)
def test_questions_to_a_model_on_arrays(
    tmp_path: Path, given: dict[str, object], expected: str
) -> None:
    (tmp_path / "recipe.toml").write_text(RECIPE)
    recipe = recipes.load(tmp_path / "recipe.toml")
    with pytest.raises(UserError, match=expected):
        row_of(recipe, Question(run="", **given))  # type: ignore[arg-type]
