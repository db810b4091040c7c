"""Progress of every stage as events, NNCF's own steps included."""

from __future__ import annotations

import contextlib
import errno
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

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
        """Appends an event; on a full disk the run's reserve makes room for the last ones."""
        try:
            self.run.append(event)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            self.run.reserve_path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                self.run.append(event)

    def warn(self, message: str) -> None:
        """Tells the person, once, something that a number or the run needs to carry."""
        if message in self._warned:
            return
        self._warned.append(message)
        self.write(events.Warned(time=time.time(), message=message))

    def leave_warnings(self, folder: Path) -> None:
        """Keeps what was told beside a stage's output: who takes it from the cache is told too."""
        (folder / _WARNINGS).write_bytes(msgspec.json.encode(self._warned))

    def repeat_warnings(self, folder: Path) -> None:
        """Tells what was told when this output was made, in an earlier run."""
        with contextlib.suppress(OSError, ValueError):  # made before warnings were kept
            for message in read_json(folder / _WARNINGS, list[str]):
                self.warn(message)

    def step(self, name: str, total: float | None = None, unit: str = "") -> Step:
        """Begins a step of this stage, to be advanced; `unit` is `bytes` where bytes are
        counted.

        Args:
            name: that a person reads.
            total: of what is counted; None where that is not known.
            unit: `bytes`, or empty for a number.
        """
        return Step(self, name, total, unit)

    def each(self, items: Iterable[T], name: str, total: int | None = None) -> Iterator[T]:
        """Yields the items, one step of progress each.

        Args:
            items: read one at a time.
            name: of the step.
            total: items; None where that is not known.
        """
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
        """Counts so much more as done."""
        self.set(self._done + amount)

    def set(self, done: float) -> None:
        """Says how much is done altogether."""
        self._done = float(done)
        if self._done == self._total or time.monotonic() - self._written_at >= _SECONDS_BETWEEN:
            self._write()

    def expect(self, total: float | None) -> None:
        """Says how much there will be altogether."""
        self._total = None if total is None else float(total)

    def finish(self) -> None:
        """Ends the step: what is done is all that there was."""
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
