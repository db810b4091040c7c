"""Runs of the tiny recipe, and what of their results must not depend on what happened to them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from ovtui.core import request
from ovtui.core.runs import Run, State
from tests.tiny import write_recipe_folder

PATIENCE = 600.0


def write_recipe(folder: Path) -> Path:
    """The recipe of a few seconds, and all that it needs."""
    folder.mkdir()
    return write_recipe_folder(folder)


def start(recipe: Path) -> Run:
    """A run that an engine of its own begins to work on."""
    asked = request.recipe_request(str(recipe), model=None, device="CPU", overrides=[], argv=[])
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
    """Sizes, accuracy, nearness and samples of a run that is done."""
    found = run.result()
    assert found is not None
    variants = [(it.name, it.size_bytes, it.accuracy, it.agreement) for it in found.variants]
    return variants, found.samples
