"""The samples that a recipe asks for: rows of a data set, picked by split, slice and seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ovtui.core.home import directories
from ovtui.core.recipes.recipe import Column, Data, Subset, parts
from ovtui.core.recipes.source import (
    DataSource,
    File,
    Folder,
    HubId,
    PythonFunction,
    data_source,
    parse_split,
)
from ovtui.core.text.errors import SourceError, nearest
from ovtui.engine.data.annotated_folders import from_annotated_folder
from ovtui.engine.data.annotated_pictures import IMAGE, OBJECTS
from ovtui.engine.data.box_sides import settle_sides
from ovtui.engine.data.npz_files import from_npz
from ovtui.engine.data.tables import (
    Row,
    Table,
    from_folder,
    from_function,
    from_hub,
    from_stream,
    from_table_file,
)
from ovtui.engine.hub.stream import STREAM, stream_key
from ovtui.engine.store.cache import Cache

__all__ = ["Row", "Selection", "Table", "select", "take"]


@dataclass(frozen=True, slots=True)
class Selection:
    """The samples that a recipe asks for: rows of a table, by their index in the whole split."""

    dataset: str
    split: str
    table: Table
    indices: np.ndarray
    """int64 [number of samples]"""
    columns: dict[str, Column] = field(default_factory=dict)
    spare: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    """What is left of the split: taken instead of samples that cannot be fetched."""

    def __len__(self) -> int:
        return len(self.indices)

    def column(self, name: str) -> str:
        """Returns the data's column of a task's, which is made of one."""
        return parts(self.columns.get(name, name))[0]

    def row(self, index: int) -> Row:
        """Returns the row with this index of the split, under the task's column names.

        Raises:
            SourceError: the data lack a column.
        """
        raw = self.table[int(index)]
        try:
            return {name: _cell(raw, column) for name, column in self.columns.items()}
        except (KeyError, TypeError):
            wanted = ", ".join(
                repr(part) for column in self.columns.values() for part in parts(column)
            )
            raise SourceError(
                f"{self.dataset}: row {int(index)}: expected the columns {wanted}"
            ) from None

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        for index in self.indices:
            yield int(index), self.row(int(index))


def select(
    data: Data, subset: Subset, needed: Sequence[str], base: Path, optional: Sequence[str] = ()
) -> Selection:
    """Returns the samples of one subset of a recipe's data.

    Args:
        data: the recipe's `[data]`.
        subset: which of its parts.
        needed: the columns that the task needs.
        base: folder that relative paths start from.
        optional: columns that are taken where they are.

    Raises:
        SourceError: the source cannot be read, has no such split or column, or nothing is left.
    """
    text = subset.source or data.source
    source = data_source(text, base)
    split, start, stop, step = parse_split(subset.split)
    table = open_split(data, subset, base)
    given = data.columns | (subset.columns or {})
    in_csv = isinstance(source, File) and source.kind == "csv"
    hint = "; a CSV file's first line has to hold its columns' names" if in_csv else ""
    columns = columns_of(text, table.columns, given, needed, optional, hint)
    if {IMAGE, OBJECTS} <= set(columns) and not table.has_known_boxes:
        settle_sides(table, parts(columns[IMAGE])[0], parts(columns[OBJECTS])[0])
    if table.taken is not None:
        return Selection(text, split, table, table.taken, columns)
    bounds = slice(_bound(start, len(table)), _bound(stop, len(table)), step)
    whole = np.arange(len(table))[bounds]
    if not len(whole):
        raise SourceError(f"{text}: {subset.split!r} holds no samples")
    chosen = take(whole, subset)
    return Selection(text, split, table, chosen, columns, _order(whole, subset)[len(chosen) :])


def open_split(data: Data, subset: Subset, base: Path) -> Table:
    """Returns all rows of the split that a subset names.

    Args:
        data: of a recipe.
        subset: that names the split.
        base: folder of the recipe.

    Raises:
        SourceError: the source cannot be read, or has no such split.
    """
    text = subset.source or data.source
    split = parse_split(subset.split).split
    return _open(data_source(text, base), text, split, data, subset)


def columns_of(
    text: str,
    there: Sequence[str],
    given: Mapping[str, Column],
    needed: Sequence[str],
    optional: Sequence[str],
    hint: str = "",
) -> dict[str, Column]:
    """Returns the data's column for each one of the task.

    Args:
        text: the source, for what is told.
        there: the data's columns.
        given: the recipe's `columns`.
        needed: the columns that the task needs.
        optional: columns that are taken where they are.
        hint: what else to tell where one is not there.

    Raises:
        SourceError: a column is not there.
    """
    needed = [*needed, *(name for name in optional if name in there)]
    columns: dict[str, Column] = {name: name for name in needed}
    columns |= {name: given[name] for name in given if not needed or name in (*needed, *optional)}
    for name, column in columns.items():
        for part in parts(column):
            if part not in there:
                raise SourceError(
                    f"{text}: no column {part!r} for {name!r}, {nearest(part, there)} "
                    f'(give it as data.columns = {{ {name} = "..." }}{hint})'
                )
    return columns


def _cell(row: Row, column: Column) -> Any:
    """What a row has in a column; of several, their numbers one after another."""
    return row[column] if isinstance(column, str) else [row[part] for part in column]


def take(indices: np.ndarray, subset: Subset) -> np.ndarray:
    """Returns as many of a split's indices as a subset asks for, int64 [samples]."""
    return _order(indices, subset)[: subset.samples].astype(np.int64)


def _order(indices: np.ndarray, subset: Subset) -> np.ndarray:
    """A split's indices in the order in which a subset takes them."""
    if subset.samples is None or subset.samples >= len(indices) or not subset.shuffle:
        return indices
    return np.random.default_rng(subset.seed).permutation(indices)


def _bound(text: str | None, length: int) -> int | None:
    if text is None:
        return None
    return round(int(text[:-1]) * length / 100) if text.endswith("%") else int(text)


def _open(source: DataSource, text: str, split: str, data: Data, subset: Subset) -> Table:
    match source:
        case PythonFunction():
            return from_function(source, text, split)
        case File(kind="npz"):
            return from_npz(source.path, text, split)
        case File():
            return from_table_file(source, text, split, data.encoding)
        case Folder():
            annotated = from_annotated_folder(source.path, text, split)
            if annotated is not None:
                return annotated
            return from_folder(source.path, text, split, data.encoding)
        case HubId():
            config = subset.config if subset.source else (subset.config or data.config)
            revision = subset.revision if subset.source else (subset.revision or data.revision)
            key = stream_key(source.name, config, revision, subset)
            if streamed := Cache(directories.home() / "cache").look(STREAM, key):
                return from_stream(streamed)
            return from_hub(source, split, config, revision)
