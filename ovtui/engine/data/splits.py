"""The splits that a folder, a file or a data set of the hub has."""

from __future__ import annotations

import re
from pathlib import Path

from ovtui.core.recipes.source import TABLES, DataSource, Folder, HubId
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.annotated_folders import annotated_splits
from ovtui.engine.data.tables import images_by_label
from ovtui.engine.hub.dataset import open_dataset
from ovtui.engine.hub.offline import hub_errors

WHOLE = "all"
"""Of data that are not divided."""
_ABOUT = ("dataset_infos", "dataset_info", "state")
"""Files about the rows."""
_LISTS = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
"""Files of rows that name pictures or recordings beside them, as `datasets` calls them."""


def place_of_rows(path: Path) -> Path:
    """Returns where in a folder its rows are: a list of its files, its folder `data`, or the
    folder.
    """
    for name in _LISTS:
        if (path / name).is_file():
            return path / name
    inner = path / "data"
    return inner if inner.is_dir() and not _splits(path) and _splits(inner) else path


def splits_of(source: DataSource) -> list[str]:
    """Returns names of the splits, as a recipe gives them; of a function those that are usual.

    Raises:
        SourceError: the folder holds none, or the hub has no such data set.
    """
    match source:
        case Folder(path=path):
            return _of_folder(path)
        case HubId(name=name):
            with hub_errors(name, "data set"):
                return list(open_dataset(name, None, None).splits)
    return [WHOLE]


def _of_folder(path: Path) -> list[str]:
    if splits := list(annotated_splits(path, str(path))) or _splits(path):
        return splits
    raise SourceError(
        f"{path}: holds no rows: expected folders of pictures by label, in splits or not, or files "
        f"({', '.join(TABLES)}) that begin with a split's name, as train.csv"
    )


def _splits(path: Path) -> list[str]:
    """Folders of pictures by label, files that begin with a split's name, or one of all."""
    folders = sorted(entry for entry in path.iterdir() if entry.is_dir())
    if splits := [entry.name for entry in folders if images_by_label(entry) or _tables(entry)]:
        return splits
    if images_by_label(path):
        return [WHOLE]
    return sorted({re.split(r"[-_.]\d", table.stem)[0] for table in _tables(path)})


def _tables(path: Path) -> list[Path]:
    files = (file for file in path.iterdir() if file.suffix in TABLES)
    return [file for file in files if file.stem not in _ABOUT]
