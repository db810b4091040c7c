"""How networks of one's own take rows: types, states, scalars, and texts of several lengths."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ovtui.core.recipes import recipe
from ovtui.core.runs.run_folder import Run
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.labels import Labels
from ovtui.engine.models.module_inputs import Taken, rows_for, taken_by, varying_axes
from ovtui.engine.store.progress import Journal
from ovtui.engine.tasks.tensors import Tensors
from tests.support.tensor_recipe import RECIPE

CHANCE = np.random.default_rng(0)


class Streaming(torch.nn.Module):
    """A frame, a state whose second axis is the batch, and a rate without any."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = torch.nn.GRU(8, 4, num_layers=2)

    def forward(self, frame: Any, state: Any, rate: Any) -> Any:
        assert rate.ndim == 0
        return self.cell(frame.unsqueeze(0) * (rate / 16000), state)


class Embedding(torch.nn.Module):
    """Ids of any number to one vector."""

    def __init__(self) -> None:
        super().__init__()
        self.table = torch.nn.Embedding(16, 8)

    def forward(self, ids: Any) -> Any:
        return self.table(ids).mean(1)


def test_floats_are_given_in_the_type_of_the_weights() -> None:
    sample = {"x": CHANCE.normal(size=(1, 8))}
    taken = taken_by(torch.nn.Sequential(torch.nn.Linear(8, 4)), {"input": sample["x"]})
    assert taken == Taken("float32")
    assert taken.of(sample)["x"].dtype == np.float32
    assert taken.notes(sample) == ["input 'x': float64 in the data, given as float32"]
    double = torch.nn.Linear(8, 4).double()
    assert taken_by(double, {"input": sample["x"]}).of(sample)["x"].dtype == np.float64


def test_whole_numbers_are_floats_only_where_the_model_wants_them() -> None:
    whole = np.arange(8)[None]
    assert taken_by(torch.nn.Linear(8, 4), {"input": whole}).as_floats == {"input"}
    assert not taken_by(Embedding(), {"ids": whole}).as_floats


def test_states_and_scalars_are_given_as_rows_have_them() -> None:
    row = {
        "frame": CHANCE.normal(size=8),
        "state": CHANCE.normal(size=(2, 1, 4)),
        "rate": np.array(16000),
    }
    sample = {name: array[None] for name, array in row.items()}
    taken = taken_by(Streaming().eval(), sample)
    assert taken.bare == {"state", "rate"}
    shapes = {name: array.shape for name, array in taken.of(sample).items()}
    assert shapes == {"frame": (1, 8), "state": (2, 1, 4), "rate": ()}
    with pytest.raises(SourceError, match="does not run on a row"):
        taken_by(Streaming(), sample | {"frame": np.ones((1, 5))})


def test_axes_that_differ_are_found(tmp_path: Path) -> None:
    samples = [{"ids": CHANCE.integers(0, 16, (1, size))} for size in (5, 5, 9)]
    assert varying_axes(samples[:2]) == {}
    assert varying_axes(samples) == {"ids": (1,)}
    (tmp_path / "recipe.toml").write_text(RECIPE)
    loaded = recipe.load(tmp_path / "recipe.toml", ["model.source=net.py:net"])
    rows = rows_for(Embedding(), samples, loaded, Journal(Run(tmp_path)))
    assert rows.dynamic == {"ids": (1,)}
    named = recipe.load(tmp_path / "recipe.toml", ["model.dynamic={ ids = [0, 1] }"])
    rows = rows_for(Embedding(), samples[:1], named, Journal(Run(tmp_path)))
    assert rows.dynamic == {"ids": (0, 1)}


def test_conversion_is_shown_rows_that_differ(tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text(RECIPE)
    samples = [{"ids": np.ones((1, size))} for size in (5,) * 9 + (9, 7)]

    def task(*settings: str) -> Tensors:
        return Tensors(
            recipe.load(tmp_path / "recipe.toml", list(settings)), Labels(None), None, None
        )

    of_module = task("model.source=net.py:net")
    assert of_module.shows_more([], samples[0])
    assert of_module.shows_more(samples[:7], samples[7])  # a trace may hold a branch of the first
    shown = samples[:8]
    assert [of_module.shows_more(shown, it) for it in samples[8:]] == [False, True, True]
    assert not of_module.shows_more([*shown, samples[9]], samples[10])
    assert not of_module.enough(samples)
    assert task().enough(samples[:1])
    named = task("model.source=net.py:net", "model.dynamic={ ids = [1] }")
    assert named.enough(shown) and not named.enough(shown[:7])
