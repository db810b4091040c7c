"""What a person chose and did since the dashboard was opened; all places share it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ovtui.core.runs.run_folder import Run
    from ovtui.tui.remembered import Remembered
    from ovtui.tui.run_index import RunFacts, RunIndex

_MOST_PRINTED = 3


class Session:
    """Runs that are marked, chosen, deleted or ended, and what was done by keys."""

    def __init__(self, remembered: Remembered) -> None:
        """Begins where the last session ended.

        Args:
            remembered: marks, and what charts leave out.
        """
        self.marks: dict[str, None] = dict.fromkeys(remembered.marks)
        """Runs that are marked for comparison, in the order of their marks."""
        self.left_out: set[str] = set(remembered.left_out)
        """Variants that charts leave out."""
        self.current: str | None = None
        """The run that a place chose, with a result or without."""
        self.done: list[str] = []
        """Commands of what was done, the newest last."""
        self.ended: list[str] = []
        """Runs that ended meanwhile, the newest last."""
        self._deleted: list[list[str]] = []
        self._alive: frozenset[str] = frozenset()

    def keep(self, remembered: Remembered) -> None:
        """Writes into `remembered` what the next session begins with."""
        remembered.marks = list(self.marks)
        remembered.left_out = sorted(self.left_out)

    def did(self, *words: str) -> None:
        """Keeps the command that does what was just done by a key."""
        self.done.append(shlex.join(["ovtui", *words]))

    def toggle_mark(self, run: str) -> None:
        """Marks a run for comparison, or takes its mark away."""
        if run in self.marks:
            del self.marks[run]
        else:
            self.marks[run] = None

    def forget(self, runs: Sequence[str]) -> None:
        """Takes note that runs were deleted together."""
        if runs:
            self._deleted.append(list(runs))
        for run in runs:
            self.marks.pop(run, None)
        if self.current in runs:
            self.current = None

    def take_back(self) -> list[str]:
        """Returns the runs that were deleted last, for whoever brings them back."""
        return self._deleted.pop() if self._deleted else []

    def started(self, run: str) -> None:
        """Takes note that a run was started here; its end is told although it may come at once."""
        self._alive |= {run}

    def newly_ended(self, index: RunIndex) -> list[RunFacts]:
        """Returns the runs that ended since this was asked last."""
        alive = frozenset(facts.id for facts in index.alive)
        ended = sorted(self._alive - alive)
        self._alive = alive
        self.ended += ended
        return [index.facts(id) for id in ended if id in index.ids]

    def shown(self, index: RunIndex) -> list[str]:
        """Returns the run that another place chose; else the newest that is done, if any."""
        if self.current in index.ids:
            return [str(self.current)]
        return index.done()[:1]

    def to_print(self, index: RunIndex) -> list[Run]:
        """Returns the runs whose results belong into the scrollback after leaving."""
        from ovtui.core.runs.run_folder import State

        wanted = self.ended[-_MOST_PRINTED:] or [self.current or "", *index.done()]
        runs = [id for id in wanted if id in index.ids]
        ended = [id for id in runs if index.facts(id).state is not None]
        done = [id for id in ended if index.facts(id).state is State.DONE]
        return [index.run(id) for id in (ended if self.ended else done[:1])]
