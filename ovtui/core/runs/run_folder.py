"""The run folder: made here, appended to by its engine, read by everybody else."""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from ovtui.core.files.locks import is_locked
from ovtui.core.files.reading import open_regular, read_json, readable
from ovtui.core.files.secrets import check_no_secrets
from ovtui.core.files.writing import why_not_written, write_atomically
from ovtui.core.home import directories
from ovtui.core.home.seal import seal
from ovtui.core.results import result
from ovtui.core.runs import events
from ovtui.core.runs.run_ids import age_order, is_meant, new_id
from ovtui.core.runs.run_request import Heading, Request
from ovtui.core.text.errors import UserError, reason

T = TypeVar("T")

# Between a folder and its lock is a call of the same process; a slow disk may come between them.
_STARTING_SECONDS = 10.0
_RESERVE_BYTES = 64 * 1024
_TAIL_BYTES = 16 * 1024
_LOG_BYTES = 4 * 2**20
_PIECE_BYTES = 16 * 2**20
_FINAL = tuple(b'{"event":"%s"' % word for word in (b"finished", b"failed", b"cancelled"))


class State(StrEnum):
    """What a run is doing: derived from its folder, never stored."""

    STARTING = "starting"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DIED = "died"

    @property
    def alive(self) -> bool:
        """An engine works on it, or is about to."""
        return self in (State.STARTING, State.WAITING, State.RUNNING)


class Tail(NamedTuple):
    """Events read, and the offset to go on from."""

    events: list[events.Event]
    offset: int


@dataclass(frozen=True, slots=True)
class Run:
    """A run folder; nothing of it is kept in memory."""

    folder: Path

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def events_path(self) -> Path:
        return self.folder / "events.jsonl"

    @property
    def lock_path(self) -> Path:
        return self.folder / "lock"

    @property
    def log_path(self) -> Path:
        return self.folder / "log.txt"

    @property
    def result_path(self) -> Path:
        return self.folder / "result.json"

    @property
    def reserve_path(self) -> Path:
        return self.folder / ".reserve"

    def reserve(self) -> None:
        """Holds room on the disk, so that the last events can be written when it is full.

        Raises:
            OSError: it is full already.
        """
        self.reserve_path.write_bytes(b"\0" * _RESERVE_BYTES)

    def inside(self, name: str) -> Path:
        """Returns the file of this name in the run's folder; links are followed.

        Raises:
            UserError: it leads out of the folder, as only a forged name does.
        """
        path = (self.folder / name).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise UserError(f"{self.id}: {name!r} leads out of the run's folder; it is not read")
        return path

    def request(self) -> Request:
        """Returns what was asked for.

        Raises:
            UserError: `run.json` is missing or damaged.
        """
        return self._request(Request)

    def heading(self) -> Heading:
        """Returns the few facts of `request` that every version knows.

        Raises:
            UserError: `run.json` is missing or damaged.
        """
        return self._request(Heading)

    def _request(self, kind: type[T]) -> T:
        path = self.folder / "run.json"
        with readable(path):
            return read_json(path, kind)

    def result(self) -> result.Result | None:
        """Returns what was found out; None while there is no `result.json`.

        Raises:
            UserError: the file is damaged.
        """
        with readable(self.result_path), suppress(FileNotFoundError):
            return result.read(self.result_path)
        return None

    def append(self, event: events.Event) -> None:
        """Writes one event; a single `write` of an appending descriptor is never interleaved.

        Raises:
            OSError: it was not written, or only a part of it: a damaged line.
        """
        line = events.encode(event)
        descriptor = os.open(self.events_path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                line = b"\n" + line  # after a line that a full disk or a power cut has cut off
            if os.write(descriptor, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.events_path))
        finally:
            os.close(descriptor)

    def tail(self, offset: int = 0) -> Tail:
        """Returns the events after `offset`; a line that is not complete yet is left for the next
        call.

        At most 16 MiB are read: another call goes on from the offset it is given.
        """
        try:
            with open_regular(self.events_path) as file:
                file.seek(offset)
                data = file.read(_PIECE_BYTES)
                size = file.seek(0, os.SEEK_END)
        except OSError:
            return Tail([], offset)
        complete = data[: data.rfind(b"\n") + 1]
        if not complete and len(data) == _PIECE_BYTES:  # no line is that long: go on at the end
            return Tail([], max(offset + len(data), size - _PIECE_BYTES))
        decoded = (events.decode(line) for line in complete.splitlines())
        return Tail([event for event in decoded if event is not None], offset + len(complete))

    def last_event(self) -> events.Event | None:
        """Returns the newest event."""
        decoded = map(events.decode, self._last_lines())
        return next((event for event in decoded if event is not None), None)

    def outcome(self) -> events.Outcome | None:
        """Returns the final event, if there is one."""
        for line in self._last_lines():
            # Decoding every line of a run that died takes 1 ms: too long for a list of thousands.
            if line.startswith(_FINAL):
                event = events.decode(line)
                if isinstance(event, events.Finished | events.Failed | events.Cancelled):
                    return event
        return None

    def _last_lines(self) -> Iterator[bytes]:
        """The newest lines first, from the end of the file only."""
        try:
            return reversed(_end_of(self.events_path, _TAIL_BYTES).split(b"\n"))
        except OSError:
            return iter(())

    def state(self) -> State:
        """Returns what the run is doing, from lock and events."""
        for _ in range(2):  # it may have begun, or ended, between two looks
            if (state := self._ended()) is not None:
                return state
            if is_locked(self.lock_path):
                match self.last_event():
                    case None:
                        return State.STARTING
                    case events.Queued():
                        return State.WAITING
                return State.RUNNING
            if self._is_starting():
                return State.STARTING
        return State.DIED

    def _ended(self) -> State | None:
        match self.outcome():
            case events.Finished():
                return State.DONE
            case events.Failed():
                return State.FAILED
            case events.Cancelled():
                return State.CANCELLED
        return None

    def _is_starting(self) -> bool:
        """Its folder was made just now, and whoever made it has not taken its lock yet."""
        try:
            age = time.time() - (self.folder / "run.json").stat().st_mtime
        except OSError:
            return False
        try:
            taken = self.lock_path.stat().st_size > 0
        except OSError:
            taken = False
        return 0 <= age < _STARTING_SECONDS and not taken and self.last_event() is None

    def log_tail(self, lines: int = 20) -> list[str]:
        """Returns the last lines of what the libraries printed."""
        try:
            text = _end_of(self.log_path, _TAIL_BYTES).decode("utf-8", "replace")
        except OSError:
            return []
        return [line.rsplit("\r", 1)[-1] for line in text.split("\n") if line.strip()][-lines:]

    def log_text(self) -> str:
        """Returns what the libraries printed, its last 4 MiB, each character safe to show."""
        from ovtui.core.text.foreign import plain

        try:
            text = _end_of(self.log_path, _LOG_BYTES).decode("utf-8", "replace")
        except OSError:
            return ""
        return "\n".join(plain(line.rsplit("\r", 1)[-1]) for line in text.split("\n"))


def create(request: Request) -> Run:
    """Makes the folder of a new run: under a hidden name, until a list can read it.

    Raises:
        UserError: the home folder cannot be written to, or the disk is full; or the request holds
            a secret of the environment, which `run.json` would tell everybody who is sent it.
    """
    parent = directories.writable_home() / "runs"
    folder = parent / new_id(request.name, parent)
    hidden = folder.with_name(f".{folder.name}")
    try:
        hidden.mkdir()
        encoded = msgspec.json.format(msgspec.json.encode(request))
        check_no_secrets(encoded)
        write_atomically(hidden / "run.json", encoded)
        seal(hidden)
        hidden.rename(folder)
    except OSError as error:
        raise UserError(f"{folder}: cannot be made: {why_not_written(error)}") from error
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
    return Run(folder)


def every() -> Iterator[Run]:
    """Yields all runs, the newest first."""
    try:
        folders = [Path(entry.path) for entry in os.scandir(_parent()) if _is_run(entry)]
    except OSError:
        return
    yield from map(Run, sorted(folders, key=age_order, reverse=True))


def _is_run(entry: os.DirEntry[str]) -> bool:
    try:
        shown = entry.name[0] != "." and entry.is_dir()
        return shown and (Path(entry.path) / "run.json").exists()
    except OSError:
        return False  # somebody else's, which may not be looked into


def find(text: str) -> Run:
    """Returns the run with this id, unique prefix or short id, `last`, or a path of a run folder.

    Raises:
        UserError: there is none, or several.
    """
    if "/" in text or text.startswith((".", "~")):
        folder = Path(text).expanduser().resolve()
        if not (folder / "run.json").is_file() and not (folder / "result.json").is_file():
            raise UserError(f"{text}: not a run folder (no run.json or result.json in it)")
        return Run(folder)
    runs = list(every())
    if text == "last":
        if not runs:
            raise UserError("there are no runs yet; start one with: ovtui demo")
        return runs[0]
    matches = [run for run in runs if run.id == text]
    if not matches and (Path(text) / "result.json").is_file():
        return Run(Path(text).resolve())
    matches = matches or [run for run in runs if is_meant(run.id, text)]
    if len(matches) == 1:
        return matches[0]
    if not matches:
        raise UserError(f"no run {text!r}; see: ovtui runs")
    raise UserError(
        f"{text!r} fits {len(matches)} runs: {', '.join(run.id for run in matches[:5])}"
    )


def remove(run: Run) -> None:
    """Deletes a run that no engine works on.

    Raises:
        UserError: an engine works on it, or the folder cannot be removed.
    """
    check_removable(run)
    try:
        shutil.rmtree(run.folder)
    except OSError as error:
        raise UserError(f"{run.folder}: cannot be removed: {reason(error)}") from error


def check_removable(run: Run) -> None:
    """Checks that a run is in the home, and over.

    Raises:
        UserError: an engine works on it, or it is elsewhere.
    """
    if run.state().alive:
        raise UserError(f"{run.id} is {run.state()}; cancel it first: ovtui cancel {run.id}")
    if run.folder.parent != _parent():
        raise UserError(f"{run.folder}: not in {_parent()}, so it is not removed")


def _end_of(path: Path, most: int) -> bytes:
    """The last bytes of a file, at most so many."""
    with open_regular(path) as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - most))
        return file.read(most)


def _parent() -> Path:
    return directories.home() / "runs"
