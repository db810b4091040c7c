"""Where samples come from: rows of a data set by hub id, local files or a Python function."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ovtui.core.errors import SourceError, nearest
from ovtui.core.recipe import Data, Subset
from ovtui.core.source import DataSource, File, Folder, HubId, PythonFunction, data_source
from ovtui.engine.offline import hub_errors
from ovtui.engine.python_function import call_function

Row = dict[str, Any]

_SLICE = re.compile(r"(?P<split>[^\[\]]+?)(\[(?P<start>-?\d+%?)?:(?P<stop>-?\d+%?)?\])?")
_IMAGES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm"}


class Table(Sequence[Row]):
    """Rows of one split with random access; columns are renamed to what the task calls them."""

    def __init__(
        self,
        length: int,
        get: Callable[[int], Row],
        columns: Sequence[str],
        labels: list[str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self._length = length
        self._get = get
        self.columns = columns
        self.labels = labels
        """Class names by index, where the data set knows them."""
        self.folder = folder
        """Folder that paths in the rows start from."""

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: Any) -> Any:
        return self._get(int(index))


@dataclass(frozen=True, slots=True)
class Selection:
    """The samples that a recipe asks for: rows of a table, by their index in the whole split."""

    dataset: str
    split: str
    table: Table
    indices: np.ndarray
    """int64 [number of samples]"""
    columns: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.indices)

    def row(self, index: int) -> Row:
        """The row with this index of the split, under the task's column names."""
        raw = self.table[int(index)]
        return {name: raw[column] for name, column in self.columns.items()}

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        for index in self.indices:
            yield int(index), self.row(int(index))


def select(data: Data, subset: Subset, needed: Sequence[str], base: Path) -> Selection:
    """The samples of one subset of a recipe's data.

    Args:
        data: the recipe's `[data]`.
        subset: which of its parts.
        needed: the columns that the task needs.
        base: folder that relative paths start from.

    Raises:
        SourceError: the source cannot be read, has no such split or column, or nothing is left.
    """
    text = subset.source or data.source
    source = data_source(text, base)
    split, start, stop = parse_split(subset.split)
    table = _open(source, text, split, data, subset)
    columns = {name: name for name in needed} | data.columns | (subset.columns or {})
    for name, column in columns.items():
        if column not in table.columns:
            raise SourceError(
                f"{text}: no column {column!r} for {name!r}, {nearest(column, table.columns)} "
                f'(give it as data.columns = {{ {name} = "..." }})'
            )
    whole = np.arange(len(table))[_bound(start, len(table)) : _bound(stop, len(table))]
    if not len(whole):
        raise SourceError(f"{text}: {subset.split!r} holds no samples")
    return Selection(text, split, table, take(whole, subset), columns)


def take(indices: np.ndarray, subset: Subset) -> np.ndarray:
    """As many of a split's indices as a subset asks for, int64 [samples]."""
    if subset.samples is not None and subset.samples < len(indices):
        if subset.shuffle:
            indices = np.random.default_rng(subset.seed).permutation(indices)
        indices = indices[: subset.samples]
    return indices.astype(np.int64)


def parse_split(text: str) -> tuple[str, str | None, str | None]:
    """A split and the bounds of its slice, as in `test[:10%]`."""
    match = _SLICE.fullmatch(text)
    if match is None:
        raise SourceError(f"split {text!r}: expected a name, or a slice as in test[:500]")
    return match["split"], match["start"], match["stop"]


def _bound(text: str | None, length: int) -> int | None:
    if text is None:
        return None
    return round(int(text[:-1]) * length / 100) if text.endswith("%") else int(text)


def _open(source: DataSource, text: str, split: str, data: Data, subset: Subset) -> Table:
    match source:
        case PythonFunction():
            return _from_function(source, text, split)
        case File(kind="npz"):
            return _from_npz(source.path, text, split)
        case File():
            return _from_table_file(source, text, split)
        case Folder():
            return _from_folder(source.path, text, split)
        case HubId():
            config = subset.config if subset.source else (subset.config or data.config)
            revision = subset.revision if subset.source else (subset.revision or data.revision)
            return _from_hub(source, split, config, revision)


def _from_function(source: PythonFunction, text: str, split: str) -> Table:
    rows = call_function(source, text, split)
    if not hasattr(rows, "__getitem__") or not hasattr(rows, "__len__"):
        rows = list(rows)
    if not len(rows):
        raise SourceError(f"{text}: the function returned no rows for split {split!r}")
    first = rows[0]
    if not isinstance(first, dict):
        raise SourceError(
            f"{text}: expected rows as dicts of columns, found {type(first).__name__}"
        )
    return Table(len(rows), lambda index: rows[index], list(first), folder=source.path.parent)


def _from_npz(path: Path, text: str, split: str) -> Table:
    _only_split(text, split)
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError) as error:
        raise SourceError(f"{text}: cannot be read as .npz: {error}") from error
    except Exception as error:  # zipfile and zlib raise their own kinds for a damaged archive
        raise SourceError(f"{text}: damaged .npz: {error}") from error
    lengths = {name: len(array) if array.ndim else 0 for name, array in arrays.items()}
    if not arrays or len(set(lengths.values())) != 1:
        raise SourceError(
            f"{text}: expected arrays of one length on their first axis, found {lengths}"
        )
    return Table(
        next(iter(lengths.values())),
        lambda index: {name: array[index] for name, array in arrays.items()},
        list(arrays),
        folder=path.parent,
    )


def _only_split(text: str, split: str) -> None:
    if split != "all":
        raise SourceError(
            f"{text}: a single file has one split, 'all', found {split!r} "
            "(take parts of it as all[:300])"
        )


def _from_table_file(source: File, text: str, split: str) -> Table:
    _only_split(text, split)
    return _from_dataset(_load_files(source.kind, [source.path], text), source.path.parent)


def _from_folder(path: Path, text: str, split: str) -> Table:
    """Images by label below the folder or its split, or data files named after the split."""
    place = path if split == "all" else path / split
    if place.is_dir() and (labelled := _images_by_label(place)):
        labels = sorted({label for _, label in labelled})
        return Table(
            len(labelled),
            lambda index: {"image": str(labelled[index][0]), "label": labelled[index][1]},
            ["image", "label"],
            labels=labels,
            folder=place,
        )
    for suffix, kind in (
        (".parquet", "parquet"),
        (".csv", "csv"),
        (".jsonl", "json"),
        (".json", "json"),
    ):
        found = sorted(place.glob(f"*{suffix}")) if place.is_dir() else []
        found = found or sorted(path.glob(f"{split}*{suffix}"))
        if found:
            return _from_dataset(_load_files(kind, found, text), found[0].parent)
    names = sorted(entry.name for entry in path.iterdir() if not entry.name.startswith("."))
    raise SourceError(
        f"{text}: no split {split!r} (images in folders by label, or {split}*.parquet, .csv or .json); "
        f"the folder holds {', '.join(names[:8]) or 'nothing'}"
    )


def _images_by_label(folder: Path) -> list[tuple[Path, str]]:
    return [
        (path, label.name)
        for label in sorted(folder.iterdir())
        if label.is_dir()
        for path in sorted(label.iterdir())
        if path.suffix.lower() in _IMAGES
    ]


def _load_files(kind: str, files: list[Path], text: str) -> Any:
    import datasets

    try:
        return datasets.load_dataset(
            kind, data_files={"all": [str(file) for file in files]}, split="all"
        )
    except Exception as error:  # pyarrow's, pandas' and datasets' own kinds
        raise SourceError(f"{text}: cannot be read as {kind}: {_cause(error)}") from error


def _from_hub(source: HubId, split: str, config: str | None, revision: str | None) -> Table:
    import datasets

    with hub_errors(source.name, "data set"):
        try:
            loaded = datasets.load_dataset(source.name, config, split=split, revision=revision)
        except ValueError as error:
            if "split" in str(error) or "BuilderConfig" in str(error) or "onfig name" in str(error):
                raise SourceError(f"{source.name}: {_cause(error)}") from error
            raise
    return _from_dataset(loaded, None)


def _from_dataset(loaded: Any, folder: Path | None) -> Table:
    """A `datasets.Dataset`; pictures and sound stay as stored bytes, the task decodes them."""
    import datasets

    labels = None
    for name, feature in loaded.features.items():
        if isinstance(feature, datasets.Image | datasets.Audio):
            loaded = loaded.cast_column(name, type(feature)(decode=False))
        if isinstance(feature, datasets.ClassLabel):
            labels = list(feature.names)
    return Table(
        len(loaded),
        lambda index: loaded[index],
        list(loaded.column_names),
        labels=labels,
        folder=folder,
    )


def _cause(error: BaseException) -> str:
    """The first line of what went wrong underneath."""
    while error.__cause__ is not None:
        error = error.__cause__
    return (str(error) or type(error).__name__).splitlines()[0]
