"""What the run folders tell, read anew only where something can have changed."""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from ovtui.core.home import directories
from ovtui.core.results.result import Result
from ovtui.core.runs import events
from ovtui.core.runs.course import Course, course, took
from ovtui.core.runs.run_folder import Run, State
from ovtui.core.runs.run_ids import is_named_after, stamp_order
from ovtui.core.runs.run_progress import RunProgress, advance
from ovtui.core.runs.run_request import Heading
from ovtui.core.text.errors import UserError

_NEWEST = 50
"""So many runs are looked at from the start, to find those that are alive."""
_MOST_KEPT = 64
_EARLIER = 5
"""Runs that may tell what a stage takes: the newest ones took some from the cache."""
_CLOCK_TICK_NS = 50_000_000
"""Far more than a tick of a file system's clock: 4 ms on ext4."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a list tells of a run."""

    id: str
    name: str
    state: State | None
    """None where the folder is damaged."""
    device: str = ""
    model: str = ""
    """As the recipe's `source` names it."""
    created: str = ""
    reason: str = ""
    """Why it has no result and will have none, in a line."""
    folder_changed: int = 0
    """When a file of the folder came or went, in nanoseconds."""

    @property
    def alive(self) -> bool:
        """An engine works on it, or is about to."""
        return self.state is not None and self.state.alive


class Look(NamedTuple):
    """What another look found."""

    listed: bool
    """Runs came or went."""
    changed: frozenset[str]
    """Runs of which there is news."""


class _Followed:
    """The events of one run, read as they come."""

    def __init__(self, run: Run) -> None:
        self._run, self._offset = run, 0
        self.progress = RunProgress()

    def read(self) -> bool:
        """Read what is new; whether there was anything."""
        tail = self._run.tail(self._offset)
        self._offset = tail.offset
        self.progress = advance(self.progress, tail.events)
        return bool(tail.events)


class RunIndex:
    """All runs of the home folder, the newest first."""

    def __init__(self) -> None:
        self._folder = directories.home() / "runs"
        self._folder_changed: int | None = None
        self._ids: list[str] = []
        self._facts: dict[str, RunFacts] = {}
        self._followed: OrderedDict[str, _Followed] = OrderedDict()
        self._results: OrderedDict[str, Result | None] = OrderedDict()
        self._took: dict[str, dict[str, float]] = {}
        self._courses: dict[str, Course] = {}

    @property
    def ids(self) -> Sequence[str]:
        """All runs, the newest first."""
        return self._ids

    @property
    def alive(self) -> list[RunFacts]:
        """The runs that an engine works on."""
        return [facts for facts in self._facts.values() if facts.alive]

    def look(self) -> Look:
        """Looks for runs that came or went, and for news of those that are alive."""
        listed = self._list()
        news = [id for id, facts in self._facts.items() if self._may_change(facts)]
        return Look(listed, frozenset(id for id in news if self._renew(id)))

    def run(self, id: str) -> Run:
        """Returns the run of an id, which need not exist."""
        return Run(self._folder / id)

    def facts(self, id: str) -> RunFacts:
        """Returns what a list tells of a run; read once it is asked for."""
        if id not in self._facts:
            self._facts[id] = self._read(id)
        return self._facts[id]

    def heading(self, id: str) -> Heading | None:
        """Returns the run's request in short, for a filter; None where it is damaged."""
        try:
            return self.run(id).heading()
        except UserError:
            return None

    def progress(self, id: str) -> RunProgress:
        """Returns where a run stands."""
        if id not in self._followed:
            self._followed[id] = _Followed(self.run(id))
            self._followed[id].read()
            while len(self._followed) > _MOST_KEPT:
                self._followed.popitem(last=False)
        self._followed.move_to_end(id)
        return self._followed[id].progress

    def result(self, id: str) -> Result | None:
        """Returns what a run found out; None while it has no result.

        Raises:
            UserError: the file is damaged.
        """
        if id not in self._results:
            result = self.run(id).result()
            if result is None:
                return None
            self._results[id] = result
            while len(self._results) > _MOST_KEPT:
                self._results.popitem(last=False)
        self._results.move_to_end(id)
        return self._results[id]

    def result_or_none(self, id: str) -> Result | None:
        """Returns as `result` does, for lists; None also where it is damaged, which `show`
        tells.
        """
        try:
            return self.result(id)
        except UserError:
            return None

    def done(self) -> list[str]:
        """Returns the newest runs that have a result."""
        return [id for id in self._ids[:_NEWEST] if self.facts(id).state is State.DONE]

    def results_of(self, ids: Iterable[str]) -> tuple[list[Result], list[RunFacts]]:
        """Returns the results of some runs, and the facts of those that have none."""
        results, without = [], []
        for id in ids:
            if (result := self.result_or_none(id)) is not None:
                results.append(result)
            else:
                without.append(self.facts(id))
        return results, without

    def took(self, id: str) -> Mapping[str, float]:
        """Returns the seconds that each stage took in earlier runs of the same recipe on the same
        device.
        """
        if not self._took.get(id):  # the first run of a recipe may end while the second one waits
            mine = self.facts(id)
            others = (self.facts(other) for other in self._ids[:_NEWEST] if other != id)
            same = (
                it.id for it in others
                if (it.name, it.device, it.state) == (mine.name, mine.device, State.DONE)
            )  # fmt: skip
            results = map(self.result_or_none, islice(same, _EARLIER))
            self._took[id] = took(result for result in results if result is not None)
        return self._took[id]

    def course(self, id: str, now: float) -> Course | None:
        """Returns how far a living run is, as earlier ones tell; it never goes back.

        A stage that takes longer than it took leaves more to do than was thought: until that is
        caught up, what was told before stays.

        Args:
            id: of the run.
            now: seconds since the epoch.
        """
        whole = course(self.progress(id), self.took(id), now)
        before = self._courses.get(id)
        if whole is not None and before is not None and whole.share < before.share:
            whole = Course(before.share, whole.left)
        if whole is not None:
            self._courses[id] = whole
        return whole

    def share(self, id: str, now: float) -> float | None:
        """Returns how far a living run is, from 0 to 1; None where earlier runs do not tell."""
        whole = self.course(id, now)
        return whole.share if whole else None

    def done_of(self, recipe: str, most: int) -> list[str]:
        """Returns the newest runs of a recipe that are done, so many at most."""
        done = (
            id
            for id in self._ids[: 20 * _NEWEST]
            if is_named_after(id, recipe) and self.facts(id).state is State.DONE
        )
        return list(islice(done, most))

    def newest_of(self, recipe: str) -> str | None:
        """Returns the newest run of a recipe that is done."""
        return next(iter(self.done_of(recipe, 1)), None)

    def _list(self) -> bool:
        changed = _changed(self._folder)
        if changed is not None and changed == self._folder_changed:
            return False
        # Within a tick of the file system's clock another change would leave the same time.
        settled = changed is not None and time.time_ns() - changed > _CLOCK_TICK_NS
        self._folder_changed = changed if settled else None
        before = self._ids
        self._ids = sorted(_folders(self._folder), key=lambda id: (stamp_order(id), id))[::-1]
        known = set(self._ids)
        for gone in set(before) - known:
            self._facts.pop(gone, None)
            self._followed.pop(gone, None)
            self._results.pop(gone, None)
        for id in self._ids[:_NEWEST]:
            self.facts(id)
        return self._ids != before

    def _may_change(self, facts: RunFacts) -> bool:
        """Whether another look may find something else: also of a folder that is being copied."""
        if facts.state is State.DIED:
            return _changed(self.run(facts.id).folder) != facts.folder_changed
        return facts.state is None or facts.alive

    def _renew(self, id: str) -> bool:
        before = self._facts[id]
        self._facts[id] = self._read(id)
        news = id in self._followed and self._followed[id].read()
        return news or self._facts[id] != before

    def _read(self, id: str) -> RunFacts:
        run = self.run(id)
        changed = _changed(run.folder) or 0
        try:
            heading = run.heading()
        except UserError:
            return RunFacts(id=id, name=id, state=None, reason="run.json is missing or damaged")
        try:
            state = run.state()
        except OSError:
            return RunFacts(id=id, name=heading.name, state=None)
        return RunFacts(
            id=id,
            name=heading.name,
            state=state,
            device=heading.device,
            model=heading.model,
            created=heading.created,
            reason=_reason(run, state),
            folder_changed=changed,
        )


def _reason(run: Run, state: State) -> str:
    if state is State.DIED:
        return "killed from outside, or the machine went down"
    outcome = run.outcome() if state is State.FAILED else None
    return outcome.message if isinstance(outcome, events.Failed) else ""


def _changed(folder: Path) -> int | None:
    """When an entry of a folder came or went, in nanoseconds; None where there is no folder."""
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return None


def _folders(parent: Path) -> list[str]:
    try:
        return [it.name for it in os.scandir(parent) if it.name[0] != "." and it.is_dir()]
    except OSError:
        return []
