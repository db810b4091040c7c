"""Runs of a tiny network, and what of their results must not depend on what happened to them."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any

import numpy as np

from ovtui.core.runs import request
from ovtui.core.runs.run_folder import Run, State
from tests.support.tiny import write_ir

PATIENCE = 600.0

# Without PyTorch, transformers and `evaluate`: most of a tiny run is the import of libraries.
RECIPE = """
schema = 1
title = "tiny"
task = "tensors"
samples = 2
[model]
source = "model.xml"
[data]
source = "data.npz"
columns = { pixel_values = "picture" }
[data.calibration]
split = "all[:8]"
[data.evaluation]
split = "all[8:]"
[measure]
throughput = false
seconds = 0.05
blocks = 2
[[variants]]
name = "int8"
components.model = { method = "quantize" }
"""


def write_recipe(folder: Path) -> Path:
    """The recipe of a few seconds, and all that it needs."""
    folder.mkdir()
    write_ir(folder / "model.xml")
    pictures = np.random.default_rng(0).standard_normal((16, 3, 16, 16), dtype=np.float32)
    np.savez(folder / "data.npz", picture=pictures)
    recipe = folder / "tiny.toml"
    recipe.write_text(RECIPE)
    return recipe


def start(recipe: Path, *, measured: bool = True) -> Run:
    """A run that an engine of its own begins to work on; its essence has nothing measured."""
    overrides = [] if measured else ["measure.latency=false"]
    asked = request.recipe_request(
        str(recipe), model=None, device="CPU", overrides=overrides, argv=[]
    )
    return request.start(asked)


def wait(run: Run) -> State:
    """How it ended.

    Raises:
        TimeoutError: it has not.
    """
    deadline = time.monotonic() + PATIENCE
    while (state := run.state()).alive:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{run.id} is {state} after {PATIENCE:.0f} s")
        time.sleep(0.05)
    return state


def essence(run: Run) -> Any:
    """Weights, sizes, accuracy, nearness and samples of a run that is done."""
    found = run.result()
    assert found is not None
    variants = [(it.name, it.size_bytes, it.accuracy, it.agreement) for it in found.variants]
    weights = {
        str(path.relative_to(run.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(run.folder.glob("models/*/*.bin"))
    }
    return variants, found.samples, weights
