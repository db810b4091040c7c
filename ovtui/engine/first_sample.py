"""The first sample, handed to a conversion that works while the others are still collected."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ovtui.core.errors import SourceError
from ovtui.engine.cache import is_finished
from ovtui.engine.spool import Arrays

_FILE = "first.npz"
_POLL_SECONDS = 0.02


def save_first_sample(sample: Arrays, folder: Path) -> None:
    """Leave a sample's inputs in a folder; they appear whole or not at all."""
    unfinished = folder / f".{_FILE}"
    with unfinished.open("wb") as file:
        np.savez(file, **sample)  # type: ignore[arg-type]
    unfinished.rename(folder / _FILE)


def wait_for_first_sample(folders: Sequence[Path]) -> Arrays:
    """A sample's inputs from the first of the folders that has them.

    Waits for as long as it takes: when the stage that collects them fails, the workflow ends this
    process as well.

    Raises:
        SourceError: a folder is finished, and holds none.
    """
    while True:
        finished = [folder for folder in folders if is_finished(folder)]
        for folder in folders:
            try:
                with np.load(folder / _FILE, allow_pickle=False) as archive:
                    return {name: archive[name] for name in archive.files}
            except FileNotFoundError:
                continue  # not there yet, or just renamed
        if finished:
            raise SourceError(f"{finished[0]}: holds no first sample; delete this folder")
        time.sleep(_POLL_SECONDS)
