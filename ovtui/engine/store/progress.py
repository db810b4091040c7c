"""Progress of every stage as events, NNCF's own steps included."""

from __future__ import annotations

import contextlib
import errno
import time
from collections.abc import Iterable, Iterator
from operator import length_hint
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ovtui.core.files.reading import read_json
from ovtui.core.runs import events
from ovtui.core.runs.run_folder import Run

T = TypeVar("T")

_WARNINGS = "warnings.json"
_SECONDS_BETWEEN = 0.2
# An estimate from less than this says nothing yet.
_ETA_AFTER_SECONDS = 1.0
_ETA_AFTER_SHARE = 0.05


class Journal:
    """Writes the events of one stage (or of the workflow) to the run folder."""

    def __init__(self, run: Run, stage: str = "") -> None:
        self.run = run
        self.stage = stage
        self._warned: list[str] = []

    def write(self, event: events.Event) -> None:
        """Append an event; on a full disk the run's reserve makes room for the last ones."""
        try:
            self.run.append(event)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            self.run.reserve_path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                self.run.append(event)

    def warn(self, message: str) -> None:
        """Tell the person, once, something that a number or the run needs to carry."""
        if message in self._warned:
            return
        self._warned.append(message)
        self.write(events.Warned(time=time.time(), message=message))

    def leave_warnings(self, folder: Path) -> None:
        """Keep what was told beside a stage's output: who takes it from the cache is told too."""
        (folder / _WARNINGS).write_bytes(msgspec.json.encode(self._warned))

    def repeat_warnings(self, folder: Path) -> None:
        """Tell what was told when this output was made, in an earlier run."""
        with contextlib.suppress(OSError, ValueError):  # made before warnings were kept
            for message in read_json(folder / _WARNINGS, list[str]):
                self.warn(message)

    def step(self, name: str, total: float | None = None, unit: str = "") -> Step:
        """A step of this stage, to be advanced; `unit` is `bytes` where bytes are counted."""
        return Step(self, name, total, unit)

    def each(self, items: Iterable[T], name: str, total: int | None = None) -> Iterator[T]:
        """The items, one step of progress each."""
        step = self.step(name, total)
        for item in items:
            yield item
            step.advance()
        step.finish()


class Step:
    """Counts done of total and writes at most five events a second; the last is never lost."""

    def __init__(self, journal: Journal, name: str, total: float | None, unit: str = "") -> None:
        self._journal = journal
        self._name = name
        self._unit = unit
        # Libraries count in their own types: NNCF's weight compression in numpy's.
        self._total = None if total is None else float(total)
        self._done = 0.0
        self._began = time.monotonic()
        self._written_at = 0.0
        self._written: float | None = None
        self._write()

    @property
    def done(self) -> float:
        """How much is done."""
        return self._done

    def advance(self, amount: float = 1) -> None:
        """So much more is done."""
        self.set(self._done + amount)

    def set(self, done: float) -> None:
        """So much is done altogether."""
        self._done = float(done)
        if self._done == self._total or time.monotonic() - self._written_at >= _SECONDS_BETWEEN:
            self._write()

    def expect(self, total: float | None) -> None:
        """So much there will be altogether."""
        self._total = None if total is None else float(total)

    def finish(self) -> None:
        """Nothing more comes: what is done is all that there was."""
        if self._written != self._done or self._total != self._done:
            self._total = self._done
            self._write()

    def _write(self) -> None:
        self._written_at = time.monotonic()
        self._written = self._done
        seconds = self._written_at - self._began
        rate = self._done / seconds if self._done and seconds > 0 else None
        left = None if self._total is None else max(0.0, self._total - self._done)
        enough = max(2, (self._total or 0) * _ETA_AFTER_SHARE)
        telling = seconds > _ETA_AFTER_SECONDS and self._done >= enough
        eta = left / rate if rate and left is not None and telling else None
        self._journal.write(
            events.Progressed(
                time=time.time(),
                stage=self._journal.stage,
                step=self._name,
                done=self._done,
                total=self._total,
                rate=rate,
                eta=eta,
                unit=self._unit,
            )
        )


@contextlib.contextmanager
def rich_progress(journal: Journal) -> Iterator[None]:
    """Write what `rich.progress` bars show as events, and draw nothing.

    NNCF's `track_progress` is such a bar: one for each of its algorithms, some without a total.
    """
    from rich.progress import Progress

    steps: dict[Any, Step] = {}
    names = ("start", "stop", "add_task", "update", "advance", "track", "remove_task")
    originals = {name: getattr(Progress, name) for name in names}

    def draw_nothing(self: Progress) -> None:
        """No drawing: a log file is no terminal."""

    def add_task(self: Progress, description: str, *args: Any, **kwargs: Any) -> Any:
        task = originals["add_task"](self, description, *args, **kwargs)
        if not self.disable:
            steps[self, task] = journal.step(str(description), self.tasks[-1].total)
        return task

    def follow(name: str) -> Any:
        def method(self: Progress, task_id: Any, *args: Any, **kwargs: Any) -> Any:
            outcome = originals[name](self, task_id, *args, **kwargs)
            if step := steps.get((self, task_id)):
                task = next(task for task in self.tasks if task.id == task_id)
                step.expect(task.total)
                step.set(task.completed)
            return outcome

        return method

    def remove_task(self: Progress, task_id: Any) -> None:
        if step := steps.pop((self, task_id), None):
            step.finish()
        originals["remove_task"](self, task_id)

    replacements = {
        "start": draw_nothing,
        "stop": draw_nothing,
        "add_task": add_task,
        "update": follow("update"),
        "advance": follow("advance"),
        "track": _track,
        "remove_task": remove_task,
    }
    for name, method in replacements.items():
        setattr(Progress, name, method)
    try:
        yield
    finally:
        for name, method in originals.items():
            setattr(Progress, name, method)


def _track(
    self: Any,
    sequence: Iterable[T],
    total: float | None = None,
    completed: int = 0,
    task_id: Any = None,
    description: str = "",
    update_period: float = 0.1,
) -> Iterator[T]:
    """As `Progress.track`, which counts in a thread that ends where nothing is drawn."""
    total = total or float(length_hint(sequence)) or None
    if task_id is None:
        task_id = self.add_task(description, total=total, completed=completed)
    else:
        self.update(task_id, total=total, completed=completed)
    for item in sequence:
        yield item
        self.advance(task_id, 1)
