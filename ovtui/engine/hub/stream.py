"""Some rows of a split that is too large to fetch, read from the hub without its files.

As the notebooks that stream do: rows come in the files' order into a buffer, and are drawn from it
at random; so those of the split's beginning are taken.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec
import numpy as np

from ovtui.core.home import directories
from ovtui.core.recipes.recipe import Subset
from ovtui.core.recipes.source import parse_split
from ovtui.core.text.errors import SourceError
from ovtui.core.text.units import human_bytes
from ovtui.engine.hub.dataset import DataSet, opened
from ovtui.engine.hub.repository import again
from ovtui.engine.store.cache import Cache, content_key
from ovtui.engine.store.progress import Journal, Step

if TYPE_CHECKING:
    from datasets import Dataset

T = TypeVar("T")

BUFFER_ROWS = 1000
"""As OpenVINO's notebooks have it (`buffer_size=1000`)."""
STREAM = "stream"
"""What the cache calls them."""
_READ_ROWS = 64
_ROWS, _INDICES = "rows.parquet", "indices.json"


def can_stream(data: DataSet, subset: Subset) -> bool:
    """Returns whether a subset is some rows of files that can be read in parts, as Parquet can."""
    split, start, stop, step = parse_split(subset.split)
    counted = step is None and all(bound is None or bound.isdecimal() for bound in (start, stop))
    parquet = all(file.endswith(".parquet") for file in data.files(split))
    return subset.samples is not None and counted and parquet


def stream_key(name: str, config: str | None, commit: str | None, subset: Subset) -> str:
    """Returns the key by which the cache has the rows of a subset.

    Args:
        name: of the data set.
        config: its configuration.
        commit: of its files.
        subset: which rows.
    """
    return content_key(
        name=name,
        config=config,
        commit=commit,
        split=subset.split,
        samples=subset.samples,
        seed=subset.seed if subset.shuffle else None,
    )


class Stream(NamedTuple):
    """A subset of a split that is too large to fetch."""

    data: DataSet
    named: str | None
    """The configuration."""
    subset: Subset

    def take(self, journal: Journal) -> None:
        """Brings the rows into the cache."""
        name, commit = self.data.repository.name, self.data.repository.commit
        key = stream_key(name, self.named, commit, self.subset)
        cache = Cache(directories.home() / "cache", journal.warn)
        if cache.find(STREAM, key):
            return
        size = human_bytes(sum(self.data.repository.files[file] for file in self.files))
        journal.warn(
            f"{name}: {self.subset.split!r} is {size}, so {self.subset.samples} rows of it are "
            f"streamed: from its beginning, shuffled in a buffer of {BUFFER_ROWS}"
        )
        folder = cache.begin(journal.run, STREAM, key)
        step = journal.step(f"{name} (rows)", self.subset.samples)
        again(lambda: write_stream(self.data, self.subset, folder, step))
        step.finish()
        cache.commit(folder, STREAM, key)

    def is_here(self) -> bool:
        """Returns whether an earlier run read the rows."""
        repository = self.data.repository
        key = stream_key(repository.name, self.named, repository.commit, self.subset)
        return Cache(directories.home() / "cache").look(STREAM, key) is not None

    @property
    def files(self) -> list[str]:
        """Of the whole split."""
        return self.data.files(parse_split(self.subset.split)[0])


def shuffled(items: Iterator[T], seed: int, size: int) -> Iterator[T]:
    """Yields the items, each drawn at random from a buffer that the next one refills.

    Args:
        items: read one at a time.
        seed: of the draw.
        size: of the buffer.
    """
    draw = random.Random(seed)
    buffer: list[T] = []
    for item in items:
        if len(buffer) < size:
            buffer.append(item)
            continue
        place = draw.randrange(size)
        yield buffer[place]
        buffer[place] = item
    draw.shuffle(buffer)
    yield from buffer


def write_stream(data: DataSet, subset: Subset, folder: Path, step: Step) -> None:
    """Reads a subset's rows and leaves them in a folder.

    Args:
        data: whose.
        subset: the split, how many rows, in which order.
        folder: an existing one.
        step: advanced by each row that is taken.

    Raises:
        SourceError: the split has no such rows.
    """
    import pyarrow
    import pyarrow.parquet

    split, start, stop, _ = parse_split(subset.split)
    rows = _rows(data, split, int(start or 0), int(stop) if stop else None)
    if subset.shuffle:
        rows = shuffled(rows, subset.seed, BUFFER_ROWS)
    taken: list[dict[str, Any]] = []
    indices: list[int] = []
    for index, row in rows:
        indices.append(index)
        taken.append(row)
        step.set(max(step.done, len(taken)))  # another try begins anew
        if len(taken) == subset.samples:
            break
    if not taken:
        raise SourceError(f"{data.repository.name}: {subset.split!r} holds no samples")
    table = pyarrow.concat_tables(taken)
    pyarrow.parquet.write_table(table, folder / _ROWS)
    (folder / _INDICES).write_bytes(msgspec.json.encode(indices))


def read_stream(folder: Path) -> tuple[Dataset, np.ndarray]:
    """Returns what `write_stream` left in a folder.

    Returns:
        A `datasets.Dataset`, and the indices of its rows in the split, int64 [rows].
    """
    import datasets

    rows = datasets.load_dataset("parquet", data_files={"data": str(folder / _ROWS)}, split="data")
    return rows, np.array(msgspec.json.decode((folder / _INDICES).read_bytes()), dtype=np.int64)


def _rows(
    data: DataSet, split: str, start: int, stop: int | None
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Index and row (a `pyarrow.Table`) from start to stop; what lies before is not read."""
    import pyarrow
    import pyarrow.parquet

    index = 0
    for path in data.files(split):
        with opened(data.repository, path) as file:
            parquet = pyarrow.parquet.ParquetFile(file)
            for group in range(parquet.num_row_groups):
                length = parquet.metadata.row_group(group).num_rows
                if index + length <= start:
                    index += length
                    continue
                for batch in parquet.iter_batches(_READ_ROWS, row_groups=[group]):
                    table = pyarrow.Table.from_batches([batch], schema=parquet.schema_arrow)
                    for offset in range(len(table)):
                        if stop is not None and index == stop:
                            return
                        if index >= start:
                            yield index, table.take([offset])  # a slice would keep them all
                        index += 1
