"""Arrays that a person gives a model by hand, as files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ovtui.core.text.errors import SourceError, reason
from ovtui.engine.data.npz_files import read_npz
from ovtui.engine.data.spool import Arrays


def given_arrays(files: Mapping[str, str]) -> Arrays:
    """Returns one row's inputs by name.

    Args:
        files: an `.npy` file for each input, by its name; under the empty name an `.npz` file of
            arrays by their inputs' names, or the `.npy` file of a model's only input.

    Raises:
        SourceError: a file is none of these, or cannot be read.
    """
    arrays: Arrays = {}
    for name, text in files.items():
        path = Path(text)
        if path.suffix.lower() != ".npz":
            arrays[name] = _read_npy(path, text)
        elif name:
            raise SourceError(f"{text}: holds arrays by name, leave out {name!r} in front of it")
        else:
            arrays |= read_npz(path, text)
    return arrays


def _read_npy(path: Path, text: str) -> np.ndarray:
    try:
        # Mapped: a file that claims to be larger than it is takes no memory.
        array = np.load(path, allow_pickle=False, mmap_mode="r")
        return np.array(array)
    except (OSError, ValueError, EOFError) as error:
        raise SourceError(f"{text}: no .npy file of numbers ({reason(error)})") from error
