"""Rows of a data set by hub id, local files or a Python function."""

from __future__ import annotations

import glob
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ovtui.core.recipes.source import PICTURES, TABLES, File, HubId, PythonFunction
from ovtui.core.text.errors import SourceError, causes, reason
from ovtui.engine.data.csv_files import dialect_of
from ovtui.engine.data.element_types import array_of
from ovtui.engine.data.labels import in_order
from ovtui.engine.hub.dataset import open_dataset, prepared_before
from ovtui.engine.hub.offline import hub_errors
from ovtui.engine.hub.python_function import call_function
from ovtui.engine.hub.repository import is_offline
from ovtui.engine.hub.stream import read_stream

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

Row = dict[str, Any]

_SPLIT = "data"
"""What `datasets` calls the rows of our files; it keeps the name `all` for itself."""


class Table(Sequence[Row]):
    """Rows of one split with random access."""

    def __init__(
        self,
        length: int,
        get: Callable[[int], Row],
        columns: Sequence[str],
        labels: Mapping[str, list[str]] | None = None,
        folder: Path | None = None,
        *,
        column: Callable[[str], np.ndarray | None] = lambda _: None,
    ) -> None:
        self._length = length
        self._get = get
        self.columns = columns
        self.labels = labels or {}
        """Class names by number, for each column that the data set has such names for."""
        self.sorted_labels = False
        """The order of the names is only that of folders in a list."""
        self.has_known_boxes = False
        """Its format says that boxes are `[left, top, width, height]`."""
        self._column = column
        self.folder = folder
        """Folder that paths in the rows start from."""
        self.taken: np.ndarray | None = None
        """Indices of the only rows that are here, in their order; None where all are."""
        self.note: str | None = None
        """What a person needs to be told of these rows."""

    def __len__(self) -> int:
        return self._length

    def highest(self, column: str) -> int | None:
        """Returns the largest number of a column in all rows; None where it has others than whole
        numbers.

        Also None where all rows would have to be read one by one.
        """
        values = self._column(column)
        if values is None or values.dtype.kind not in "iuf":
            return None
        values = values[np.isfinite(values)]  # gaps of a CSV column are NaN
        return int(values.max()) if values.size and (values == np.floor(values)).all() else None

    def __getitem__(self, index: Any) -> Any:
        return self._get(int(index))

    def change(self, change: Callable[[Row], Row]) -> None:
        """Makes something else of each row, from now on and as it is read."""
        rows = self._get
        self._get = lambda index: change(rows(index))


def from_function(source: PythonFunction, text: str, split: str) -> Table:
    """Returns what a function returns for a split: rows as dicts, in anything that can be
    iterated.

    Args:
        source: file and function.
        text: as the recipe names it, for errors.
        split: the function's argument.

    Raises:
        SourceError: the function fails, or returns anything but one or more dicts of columns.
    """
    rows = call_function(source, text, split)
    if type(rows).__name__ == "DataFrame":
        rows = rows.to_dict("records")
    if not hasattr(rows, "__getitem__") or not hasattr(rows, "__len__"):
        try:
            # Copies: a generator may fill the same dict for each row.
            rows = [dict(row) if isinstance(row, dict) else row for row in rows]
        except TypeError:
            raise SourceError(
                f"{text}: expected rows (dicts of columns) for split {split!r}, "
                f"found {type(rows).__name__}"
            ) from None
    if not len(rows):
        raise SourceError(f"{text}: the function returned no rows for split {split!r}")
    first = None if isinstance(rows, dict | str) else rows[0]
    if not isinstance(first, dict):
        kind = type(rows).__name__ if first is None else f"rows of {type(first).__name__}"
        raise SourceError(f"{text}: expected a list of rows, dicts of columns; found {kind}")
    folder = source.path.parent
    return Table(len(rows), lambda index: _without_tensors(rows[index]), list(first), folder=folder)


def _without_tensors(row: Any) -> Any:
    """A row whose tensors of PyTorch are arrays or numbers; what is no row is left as it is."""
    if not isinstance(row, dict):
        return row
    arrays = {name: array_of(it) for name, it in row.items() if type(it).__module__ == "torch"}
    return row | {name: array if array.ndim else array.item() for name, array in arrays.items()}


def only_split(text: str, split: str) -> None:
    """Refuses a split of a single file that is not `all`.

    Args:
        text: the file as the recipe names it, for errors.
        split: as the recipe names it.

    Raises:
        SourceError: it is another.
    """
    if split != "all":
        raise SourceError(
            f"{text}: a single file has one split, 'all', found {split!r} "
            "(take parts of it as all[:300])"
        )


def from_table_file(source: File, text: str, split: str, encoding: str | None) -> Table:
    """Reads the rows of a CSV, TSV, JSON, JSON lines or Parquet file.

    Args:
        source: path and kind of file.
        text: as the recipe names it, for errors.
        split: a file has one: `all`.
        encoding: of a CSV file; None for UTF-8.
    """
    only_split(text, split)
    loaded = _load_files(source.kind, [source.path], text, encoding)
    return _from_dataset(loaded, source.path.parent)


def from_folder(path: Path, text: str, split: str, encoding: str | None) -> Table:
    """Finds images by label below the folder or its split, or data files named after the split.

    Args:
        path: of the folder.
        text: as the recipe names it, for errors.
        split: name of a folder in it or of its files.
        encoding: of CSV files; None for UTF-8.

    Raises:
        SourceError: the folder has no such split, or the split leads out of it.
    """
    if Path(split).is_absolute() or ".." in Path(split).parts:
        raise SourceError(f"{text}: split {split!r}: expected a folder in it, or how files begin")
    place = path if split == "all" else path / split
    if place.is_dir() and (labelled := images_by_label(place)):
        table = Table(
            len(labelled),
            lambda index: {"image": str(labelled[index][0]), "label": labelled[index][1]},
            ["image", "label"],
            labels={"label": _folder_labels(path, split)},
            folder=place,
        )
        table.sorted_labels = True
        return table
    for suffix, kind in TABLES.items():
        files = sorted(place.glob(f"*{suffix}")) if place.is_dir() else []
        files = files or sorted(path.glob(f"{glob.escape(split)}*{suffix}"))
        if files:
            return _from_dataset(_load_files(kind, files, text, encoding), files[0].parent)
    names = sorted(entry.name for entry in path.iterdir() if not entry.name.startswith("."))
    raise SourceError(
        f"{text}: no split {split!r} (images in folders by label, or {split}*.parquet, .csv or "
        f".json); the folder holds {', '.join(names[:8]) or 'nothing'}"
    )


def _folder_labels(path: Path, split: str) -> list[str]:
    """Class names of every split: one that lacks a class counts the others as the rest do."""
    splits = [path] if split == "all" else [entry for entry in path.iterdir() if entry.is_dir()]
    return in_order({label for place in splits for _, label in images_by_label(place)})


def images_by_label(folder: Path) -> list[tuple[Path, str]]:
    """Returns the images in the folders of their labels, with these, in order."""
    return [
        (path, label.name)
        for label in sorted(folder.iterdir())
        if label.is_dir()
        for path in sorted(label.iterdir())
        if path.suffix.lower() in PICTURES
    ]


def _load_files(kind: str, files: list[Path], text: str, encoding: str | None) -> DatasetDict:
    import datasets

    names = [str(file) for file in files]
    given = _dialect(files, text, encoding) if kind == "csv" else {}
    try:
        loaded = datasets.load_dataset(kind, data_files={_SPLIT: names}, split=_SPLIT, **given)
    except Exception as error:  # pyarrow's, pandas' and datasets' own kinds
        raise SourceError(f"{text}: cannot be read as {kind}: {_cause(error)}") from error
    tidy = [name.strip() for name in loaded.column_names]
    if len(set(tidy)) < len(tidy):
        return loaded
    return loaded.rename_columns(dict(zip(loaded.column_names, tidy, strict=True)))


def _dialect(
    files: list[Path], text: str, encoding: str | None
) -> dict[str, str | int | bool | None]:
    """How CSV files are written, as `datasets` is told."""
    first, *others = (dialect_of(file, text, encoding) for file in files)
    if any(other != first for other in others):
        raise SourceError(
            f"{text}: its CSV files differ in encoding or separator; write them alike"
        )
    given: dict[str, str | int | bool | None] = {"encoding": first.encoding, "sep": first.separator}
    if first.named:
        given["skiprows"] = 1
    if first.closed:
        given["index_col"] = False
    return given


def from_stream(folder: Path) -> Table:
    """Returns the rows of a split that were read from the hub without its files."""
    loaded, indices = read_stream(folder)
    places = {int(index): place for place, index in enumerate(indices)}
    table = _from_dataset(loaded, None)
    rows = table._get
    table._get = lambda index: rows(places[index])
    table.taken = indices
    return table


def from_hub(source: HubId, split: str, config: str | None, revision: str | None) -> Table:
    """Returns a split of a data set of the hub, of which its files were fetched.

    Args:
        source: name on the hub.
        split: one or several, as `train+test`.
        config: the data set's configuration.
        revision: branch, tag or commit.
    """
    try:
        with hub_errors(source.name, "data set"):
            data = open_dataset(source.name, config, revision)
            loaded = data.load(split)
    except SourceError:
        if not is_offline() or not (prepared := prepared_before(source.name, config, split)):
            raise
        return _from_dataset(prepared, None)
    table = _from_dataset(loaded, None)
    table.note = data.stale(split, len(table))
    return table


def _from_dataset(loaded: Dataset, folder: Path | None) -> Table:
    """A `datasets.Dataset`; pictures and sound stay as stored bytes, the task decodes them."""
    import datasets

    labels = {}
    for name, feature in loaded.features.items():
        if isinstance(feature, datasets.Image | datasets.Audio):
            loaded = loaded.cast_column(name, type(feature)(decode=False))
        if isinstance(feature, datasets.ClassLabel):
            labels[name] = list(feature.names)
        if names := _classes_of_objects(feature):
            labels[name] = names
    return Table(
        len(loaded),
        lambda index: loaded[index],
        list(loaded.column_names),
        labels=labels,
        folder=folder,
        column=lambda name: _numbers(loaded, name),
    )


def _classes_of_objects(feature: Any) -> list[str] | None:
    """Names of the classes in a column of boxes, `{"bbox": […], "category": […]}`."""
    import datasets

    category = feature.get("category") if isinstance(feature, dict) else None
    inner = getattr(category, "feature", None)
    return list(inner.names) if isinstance(inner, datasets.ClassLabel) else None


def _numbers(loaded: Dataset, name: str) -> np.ndarray | None:
    """Read a column of numbers without a look at each row; None of another column."""
    column = loaded.select_columns([name]).with_format("arrow")[:].column(name)
    is_number = str(column.type).startswith(("int", "uint", "float", "double"))
    return column.to_numpy() if is_number else None


def _cause(error: BaseException) -> str:
    """Say what went wrong underneath."""
    *_, error = causes(error)
    text = reason(error)
    empty = isinstance(error, StopIteration) or "corresponds to no data" in text
    return "it holds no rows" if empty else text
