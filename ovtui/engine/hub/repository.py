"""A repository of the hub in the local cache: its commit, its files, and those still to come."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from glob import escape
from pathlib import Path, PurePosixPath
from typing import Literal, TypeVar

from ovtui.core.text.errors import SourceError, causes
from ovtui.core.text.units import human_bytes
from ovtui.engine.hub.bars import Downloaded
from ovtui.engine.store.progress import Journal

T = TypeVar("T")
Kind = Literal["model", "dataset"]

WORDS: dict[Kind, str] = {"model": "model", "dataset": "data set"}
LARGE_BYTES = 2**30
"""From here on a person is warned before a download begins."""

_CHUNK_BYTES = 2**20
"""What is written and told at once, and lost at most when a connection breaks off; the client's own
10 MB are minutes of a slow line."""
_TRIES = 4
_ANSWER_SECONDS = 10.0
"""Patience with one answer; what `huggingface_hub` has with the head of a file."""
# Names of types: they come from httpx, requests or urllib, by the client and its version.
_PASSING = {
    "ConnectError",
    "ConnectionError",
    "NetworkError",
    "ReadError",
    "RemoteProtocolError",
    "Timeout",
    "TimeoutException",
    "TimeoutError",
    "URLError",
    "WriteError",
}
_PASSING_STATUS = (408, 429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Repository:
    """One commit of a repository."""

    kind: Kind
    name: str
    commit: str
    folder: Path
    """Where the cache has its files, those that were fetched."""
    files: Mapping[str, int]
    """Bytes of each file; of those in the folder alone where the cache keeps no list."""

    def missing(self, paths: Iterable[str]) -> dict[str, int]:
        """Returns bytes of those files that are not on this machine."""
        return {path: self.files[path] for path in paths if not (self.folder / path).is_file()}

    def fetch(self, paths: Sequence[str], journal: Journal | None = None) -> None:
        """Downloads what is missing; a connection that breaks off is taken up where it ended.

        Args:
            paths: of its files.
            journal: where bytes, rate and time left go.

        Raises:
            SourceError: the hub may not or cannot be asked, or the disk has no room.
        """
        missing = self.missing(paths)
        if not missing:
            return
        if is_offline():
            raise SourceError(self.absent(missing))
        total = sum(missing.values())
        self._check_room(total)
        bars = Downloaded(journal, f"{self.name} ({human_bytes(total)})", total)
        if journal is not None and total >= LARGE_BYTES:
            journal.warn(f"{self.name}: {human_bytes(total)} are downloaded first")
        again(lambda: self._download(list(missing), bars))
        bars.finish()

    def _download(self, paths: Sequence[str], bars: Downloaded) -> None:
        from huggingface_hub import constants, snapshot_download

        setattr(constants, "DOWNLOAD_CHUNK_SIZE", _CHUNK_BYTES)  # noqa: B010
        bars.begin(sum(self.missing(paths).values()))
        snapshot_download(
            self.name,
            repo_type=self.kind,
            revision=self.commit,
            allow_patterns=[escape(path) for path in paths],
            tqdm_class=bars.bar_class(),
        )
        if left := self.missing(paths):
            raise SourceError(f"{self.name}: the hub did not give {next(iter(left))}")

    def absent(self, paths: Iterable[str]) -> str:
        """Returns what to tell of files that are needed, not here, and cannot be fetched."""
        names = list(paths)
        more = f" and {len(names) - 1} more files" if len(names) > 1 else ""
        option = "" if self.kind == "model" else " --repo-type dataset"
        return (
            f"{self.name}: {names[0]}{more} of this {WORDS[self.kind]} (commit {self.commit[:8]}) "
            "is not on this machine and the hub cannot be reached; fetch it where there is a "
            f"connection (hf download {self.name}{option}), or name a local file or folder instead"
        )

    def _check_room(self, total: int) -> None:
        # The folder itself is made with its first file.
        place = next(it for it in (self.folder, *self.folder.parents) if it.exists())
        free = shutil.disk_usage(place).free
        if total > free:
            raise SourceError(
                f"{self.name}: {human_bytes(total)} are to be downloaded, and the disk of "
                f"{self.folder} has {human_bytes(free)} free; make room, or set HF_HOME to "
                "another disk"
            )


def open_repository(
    kind: Kind, name: str, revision: str | None, patterns: Sequence[str]
) -> Repository:
    """Returns a repository with its small files: those that match a pattern are fetched where they
    are not.

    Of a commit that the cache holds nobody is asked. Errors are the client's own.

    Args:
        kind: `model` or `dataset`.
        name: on the hub.
        revision: branch, tag or commit.
        patterns: of small files, as in `*.json`.
    """
    from huggingface_hub import snapshot_download

    snapshot = snapshot_download(
        name, repo_type=kind, revision=revision, allow_patterns=list(patterns)
    )
    folder = Path(snapshot)
    return Repository(kind, name, folder.name, folder, _listed(kind, name, folder))


def ask_hub(kind: Kind, name: str, revision: str | None) -> None:
    """Asks for a repository, by the client's own certificates and proxies, several times.

    Args:
        kind: `model` or `dataset`.
        name: on the hub.
        revision: branch, tag or commit.

    Raises:
        Exception: the client's own, of the last try.
    """
    from huggingface_hub import HfApi

    again(
        lambda: HfApi().repo_info(name, repo_type=kind, revision=revision, timeout=_ANSWER_SECONDS)
    )


def again(action: Callable[[], T]) -> T:
    """Repeats an action where a connection failed, after 1, 2 and 4 s, and returns what it
    gives.
    """
    for attempt in range(_TRIES - 1):
        try:
            return action()
        except Exception as error:
            if not passing(error):
                raise
            time.sleep(2**attempt)
    return action()


def passing(error: BaseException) -> bool:
    """Returns whether another try may go well: a connection failed, or the hub is busy."""
    for cause in causes(error, contexts=True):
        # Of the hub's client, and of urllib, which torch.hub asks with.
        status = getattr(getattr(cause, "response", None), "status_code", None)
        status = getattr(cause, "code", None) if status is None else status
        if isinstance(status, int):
            return status in _PASSING_STATUS
        if _PASSING & {kind.__name__ for kind in type(cause).__mro__}:
            return True
    return "Consistency check failed" in str(error)


def is_offline() -> bool:
    """Returns whether the client was told not to use a network."""
    from huggingface_hub import constants

    return bool(constants.HF_HUB_OFFLINE)


def _listed(kind: Kind, name: str, folder: Path) -> dict[str, int]:
    """Bytes of each file of a commit, without a look at the network."""
    from huggingface_hub import get_cached_repo_tree
    from huggingface_hub.errors import CachedRepoTreeNotFoundError

    try:
        tree = get_cached_repo_tree(name, repo_type=kind, revision=folder.name)
        sizes = {file.path: file.size for file in tree}
    except CachedRepoTreeNotFoundError:
        here = [path for path in folder.rglob("*") if path.is_file()]
        sizes = {path.relative_to(folder).as_posix(): path.stat().st_size for path in here}
    # The list is foreign: a name may lead nowhere else.
    return {path: size for path, size in sizes.items() if ".." not in PurePosixPath(path).parts}


def matching(files: Iterable[str], patterns: Sequence[str]) -> list[str]:
    """Returns those of the files that match one of the patterns."""
    return [path for path in files if any(fnmatch(path, pattern) for pattern in patterns)]
