"""The time line of a run: what it did and took at each moment, folded from all of its events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

from ovtui.core.runs import events
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.run_progress import Taken

Moment = events.Warned | events.Measured | events.Outcome
"""What happened at one time."""


class Stretch(NamedTuple):
    """The time of a stage, in seconds since the epoch."""

    stage: str
    began: float
    ended: float
    cached: bool = False


T = TypeVar("T", Taken, events.Progressed)


@dataclass(frozen=True)
class Timeline:
    """A run over time; all times are seconds since the epoch, and each row is in their order."""

    began: float
    ended: float
    stretches: tuple[Stretch, ...]
    """Stages that began, a cached one without length; stages may overlap."""
    taken: tuple[Taken, ...]
    steps: tuple[events.Progressed, ...]
    moments: tuple[Moment, ...]

    @property
    def seconds(self) -> float:
        """How long it took, never 0."""
        return (self.ended - self.began) or 1.0

    def working(self, begin: float, end: float) -> list[Stretch]:
        """Returns the stages that were worked on between two times, also for a part of it."""
        return [it for it in self.stretches if it.began < end and it.ended > begin]

    def taken_at(self, time: float) -> Taken | None:
        """Returns what the run took of the machine, as it was last written at that time."""
        return _newest(self.taken, time)

    @cached_property
    def largest_rates(self) -> Mapping[tuple[str, str], float]:
        """The largest rate of each step by its stage and its name, in units of its own a second."""
        largest: dict[tuple[str, str], float] = {}
        for it in self.steps:
            if it.rate:
                largest[it.stage, it.step] = max(it.rate, largest.get((it.stage, it.step), 0.0))
        return largest

    def step_at(self, time: float) -> events.Progressed | None:
        """Returns the newest step of the stages that were worked on at a time."""
        names = {it.stage for it in self.stretches if it.began <= time < it.ended}
        return _newest([step for step in self.steps if step.stage in names], time)


def timeline(all_events: Iterable[events.Event]) -> Timeline | None:
    """Returns the time line that a run's events tell; None where its engine never began to work.

    Args:
        all_events: of the run, in their order. A stage that did not finish ends with them.
    """
    began = ended = 0.0
    at_work: dict[str, float] = {}
    stretches: list[Stretch] = []
    taken: list[Taken] = []
    steps: list[events.Progressed] = []
    moments: list[Moment] = []
    for event in all_events:
        ended = max(ended, event.time)
        match event:
            case events.Started(time=time):
                began = time
            case events.StageStarted(stage=name, time=time):
                at_work[name] = time
            case events.StageFinished(stage=name, time=time, cached=cached):
                stretches.append(Stretch(name, at_work.pop(name, time), time, cached))
            case events.MemoryUsed(time=time, now=now, cores=cores):
                taken.append(Taken(time, now, cores))
            case events.Progressed():
                steps.append(event)
            case events.Queued():
                pass
            case _:
                moments.append(event)
    if not began:
        return None
    stretches += [Stretch(name, time, ended) for name, time in at_work.items()]
    stretches.sort(key=lambda it: it.began)
    return Timeline(began, ended, tuple(stretches), tuple(taken), tuple(steps), tuple(moments))


def told_by(run: Run) -> Iterator[events.Event]:
    """Yields all events of a run, piece by piece of its file."""
    offset = -1
    tail = run.tail()
    while tail.offset != offset:
        yield from tail.events
        offset = tail.offset
        tail = run.tail(offset)


def _newest(values: Sequence[T], time: float) -> T | None:
    return next((value for value in reversed(values) if value.time <= time), None)
