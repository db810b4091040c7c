"""A data set of the hub: its splits and columns before anything large is fetched, then its rows.

`datasets.load_dataset` fetches every split of a configuration. Here a split is its own files: the
repository's list of files stands in for the files themselves, as empty ones in a temporary folder,
and `datasets` says by its own rules which of them belong to which split.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ovtui.core.text.errors import SourceError, nearest, reason
from ovtui.engine.hub.repository import Repository, is_offline, open_repository

if TYPE_CHECKING:
    from datasets import Dataset, DatasetBuilder, Features

SMALL_FILES = ("README.md", ".huggingface.yaml", "dataset_infos.json")
"""What says how a data set's files belong together."""
COPIES = {
    "HuggingFaceM4/VQAv2": "lmms-lab/VQAv2, or Multimodal-Fatima/VQAv2_sample_validation",
    "HuggingFaceM4/COCO": "Multimodal-Fatima/COCO_captions_test",
}
"""Data sets that are scripts, and where their rows are as files."""

_PART = re.compile(r"(?P<stem>.+)-\d{5}-of-(?P<count>\d{5})\D.*")


@dataclass(frozen=True, slots=True)
class DataSet:
    """One configuration of a data set, as its card and its list of files tell."""

    repository: Repository
    config: str | None
    splits: Mapping[str, Sequence[str]]
    """Files of each split."""
    features: Features | None
    """`datasets.Features` as the card has them; None where it has none."""
    rows: Mapping[str, int]
    """Rows of each split, as the card has them."""

    def parts(self, split: str) -> list[str]:
        """Returns the splits that a name stands for: `all`, one, or several as in `train+test`.

        Raises:
            SourceError: there is no such split.
        """
        names = list(self.splits) if split == "all" else split.split("+")
        for name in names:
            if name not in self.splits:
                raise SourceError(
                    f"{self.repository.name}: no split {name!r}, {nearest(name, self.splits)}"
                )
        return names

    def files(self, split: str) -> list[str]:
        """Returns the files of a split.

        Raises:
            SourceError: there is no such split.
        """
        return [file for name in self.parts(split) for file in self.splits[name]]

    def columns(self, split: str) -> list[str] | None:
        """Returns the names of a split's columns; None where they are not known yet.

        The card has them, or the first file where it is Parquet: of one on the hub the last
        kilobytes are read. Where the hub is not asked, a file that is not here tells nothing.
        """
        if self.features is not None:
            return list(self.features)
        first = self.files(split)[0]
        away = is_offline() and self.repository.missing([first])
        if away or not first.endswith(".parquet"):
            return None
        import pyarrow.parquet

        with opened(self.repository, first) as file:
            return list(pyarrow.parquet.read_schema(file).names)

    def load(self, split: str) -> Dataset:
        """Returns the rows of a split, as a `datasets.Dataset`.

        Raises:
            SourceError: a file of it is not on this machine.
        """
        import datasets

        files = {name: list(self.splits[name]) for name in self.parts(split)}
        wanted = [file for name in files for file in files[name]]
        if missing := self.repository.missing(wanted):
            raise SourceError(self.repository.absent(missing))
        return datasets.load_dataset(
            str(self.repository.folder),
            self.config,
            data_files={name: [escape(file) for file in files[name]] for name in files},
            split=split,
            verification_mode="no_checks",  # the card counts splits that were not fetched
        )

    def stale(self, split: str, count: int) -> str | None:
        """Returns a warning where the card counts other rows than the files hold; else None.

        Args:
            split: one or several, as in `train+test`.
            count: rows that its files hold.
        """
        expected = sum(self.rows.get(name, 0) for name in self.parts(split))
        if not expected or expected == count:
            return None
        return (
            f"{self.repository.name}: its card says {expected} rows of {split!r}, its files hold "
            f"{count}; these are taken"
        )


def open_dataset(name: str, config: str | None, revision: str | None) -> DataSet:
    """Returns a data set's splits, from its card and its list of files.

    Args:
        name: on the hub.
        config: the data set's configuration.
        revision: branch, tag or commit.

    Raises:
        SourceError: it has no such configuration, is a script, or has no files that can be read.
    """
    repository = open_repository("dataset", name, revision, SMALL_FILES)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place).resolve()
        for path in repository.files:
            _stand_in(folder / path, repository.folder / path)
        builder = _builder(folder, repository, config)
        splits = {
            str(split): [Path(file).relative_to(folder).as_posix() for file in files]
            for split, files in (builder.config.data_files or {}).items()
        }
    for files in splits.values():
        _check_whole(repository, files)
    rows = builder.info.splits or {}
    return DataSet(
        repository=repository,
        config=config,
        splits=splits,
        features=builder.info.features,
        rows={str(split): info.num_examples for split, info in rows.items()},
    )


def prepared_before(name: str, config: str | None, split: str) -> Dataset | None:
    """Returns rows that `datasets` itself prepared on this machine once; None where it did not.

    Args:
        name: on the hub.
        config: the data set's configuration.
        split: one or several, as `train+test`.
    """
    import datasets

    try:
        return datasets.load_dataset(name, config, split=split)
    except Exception:  # of many kinds; the error before it says more
        return None


def _stand_in(path: Path, fetched: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if fetched.is_file():
        path.symlink_to(fetched)
    else:
        path.touch()


def _builder(folder: Path, repository: Repository, config: str | None) -> DatasetBuilder:
    """What `datasets` makes of a folder that looks like the repository."""
    import datasets

    try:
        return datasets.load_dataset_builder(str(folder), config)
    except ValueError as error:  # no such configuration, or several to choose from
        raise SourceError(f"{repository.name}: data.config: {reason(error)}") from error
    except FileNotFoundError as error:
        raise SourceError(_unreadable(repository, error)) from error


def _unreadable(repository: Repository, error: Exception) -> str:
    script = f"{repository.name.rpartition('/')[2]}.py"
    if script in repository.files:
        copy = COPIES.get(repository.name)
        where = f"the same rows are in {copy}" if copy else "look for a copy of it in Parquet files"
        return (
            f"{repository.name}: is a script ({script}), and data sets that are scripts are no "
            f"longer run; {where}"
        )
    names = ", ".join(list(repository.files)[:6]) or "nothing"
    why = reason(error).replace(str(repository.folder), repository.name)
    return f"{repository.name}: no data files that can be read ({why}); it holds {names}"


def _check_whole(repository: Repository, files: Sequence[str]) -> None:
    """Refuse a split whose files say that there are more: a cache of old keeps no list of files."""
    counts: dict[tuple[str, int], int] = {}
    for file in files:
        if match := _PART.fullmatch(file):
            parts = match["stem"], int(match["count"])
            counts[parts] = counts.get(parts, 0) + 1
    for (stem, count), here in counts.items():
        if here < count:
            raise SourceError(
                repository.absent([f"{stem}-*-of-{count:05} ({here} of {count} files are here)"])
            )


def opened(repository: Repository, path: str) -> Any:
    """Opens a file of the repository to read from, on this machine or else on the hub.

    Args:
        repository: of a data set.
        path: in the repository.

    Returns:
        A binary file that can seek; on the hub, reading fetches 64 KiB at a time.
    """
    if not repository.missing([path]):
        return (repository.folder / path).open("rb")
    from huggingface_hub import HfFileSystem, constants

    place = f"datasets/{repository.name}@{repository.commit}/{path}"
    return HfFileSystem(endpoint=constants.ENDPOINT).open(place, "rb", block_size=2**16)
