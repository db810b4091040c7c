"""The first samples, handed to a conversion that works while the others are still collected."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ovtui.core.text.errors import SourceError
from ovtui.engine.data.spool import Arrays
from ovtui.engine.store.cache import is_finished

_FILE = "examples.npz"
_PROCESSED_FILE = "processed.npz"
_POLL_SECONDS = 0.02


def save_examples(
    samples: Sequence[Arrays], folder: Path, processed: Sequence[Arrays] = ()
) -> None:
    """Leaves samples' inputs in a folder; they appear whole or not at all.

    Args:
        samples: inputs as the task prepares them.
        folder: where to.
        processed: inputs of the same samples as the model's own processor gives them.
    """
    np.savez(folder / _PROCESSED_FILE, **numbered(processed))  # type: ignore[arg-type]
    unfinished = folder / f".{_FILE}"
    with unfinished.open("wb") as file:
        np.savez(file, **numbered(samples))  # type: ignore[arg-type]
    unfinished.rename(folder / _FILE)


class Examples(NamedTuple):
    """The first samples' inputs, each with a batch axis of one."""

    prepared: Sequence[Arrays]
    """As the task prepares them; at least one, which a model is traced with."""
    processed: Sequence[Arrays] = ()
    """As the model's own processor gives them; empty where it has none."""
    dynamic: Mapping[str, Sequence[int]] = {}
    """Axes that stay free when a model is traced, by the input's name."""


def wait_for_examples(folders: Sequence[Path]) -> Examples:
    """Returns the first samples' inputs, from the first of the folders that has them.

    Waits for as long as it takes: when the stage that collects them fails, the workflow ends this
    process as well.

    Raises:
        SourceError: a folder is finished, and holds none.
    """
    while True:
        finished = [folder for folder in folders if is_finished(folder)]
        for folder in folders:
            try:
                prepared = load_samples(folder / _FILE)
                return Examples(prepared, load_samples(folder / _PROCESSED_FILE))
            except FileNotFoundError:
                continue  # the file is not there yet, or was just renamed
        if finished:
            raise SourceError(f"{finished[0]}: holds no first sample; delete this folder")
        time.sleep(_POLL_SECONDS)


def numbered(samples: Sequence[Arrays]) -> Arrays:
    """Returns samples as one table: input `name` of sample k is `name#k`."""
    return {
        f"{name}#{number}": array
        for number, sample in enumerate(samples)
        for name, array in sample.items()
    }


def load_samples(path: Path) -> list[Arrays]:
    """Returns the samples of an `.npz` that holds input `name` of sample k as `name#k`.

    Args:
        path: of the archive, which `numbered` made the table of.

    Returns:
        In their order, from k = 0.

    Raises:
        FileNotFoundError: there is no such file yet.
    """
    samples: dict[int, Arrays] = {}
    with np.load(path, allow_pickle=False) as stored:
        for key in stored.files:
            name, _, number = key.rpartition("#")
            samples.setdefault(int(number), {})[name] = stored[key]
    return [sample for _, sample in sorted(samples.items())]
