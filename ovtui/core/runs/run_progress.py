"""Where a run stands: its stages, live steps, memory and first results, folded from its events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from ovtui.core.runs import events

_MOST_KEPT = 512
"""Values over time: twice what the widest curve shows."""
T = TypeVar("T")


class StageState(StrEnum):
    """What a stage is doing."""

    AHEAD = "ahead"
    RUNNING = "running"
    DONE = "done"
    CACHED = "cached"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a run's plan."""

    name: str
    state: StageState = StageState.AHEAD
    began: float | None = None
    seconds: float | None = None
    peak_bytes: int = 0
    step: events.Progressed | None = None
    """The newest step, while the stage runs and after."""
    rates: tuple[tuple[float, float], ...] = ()
    """When, and how many a second, of the newest step that has a rate."""

    @property
    def share(self) -> float | None:
        """How much of the step is done; None where its end is not known."""
        if self.step is None or not self.step.total:
            return None
        return min(1.0, max(0.0, self.step.done / self.step.total))


class Taken(NamedTuple):
    """What a run took of the machine at a time."""

    time: float
    memory_bytes: int
    cores: float | None


@dataclass(frozen=True, slots=True)
class RunProgress:
    """Everything that a run's events have told so far."""

    stages: tuple[Stage, ...] = ()
    queued: events.Queued | None = None
    """Other runs that it waits for."""
    began: float | None = None
    """When its engine got its turn."""
    last_event: float | None = None
    """Time of the newest event that says what happened; reports of memory are none."""
    memory_now: int = 0
    memory_peak: int = 0
    taken: tuple[Taken, ...] = ()
    """What it took of the machine over time; of a long run every other value, and so on."""
    measured: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    """First results by variant and by what was measured."""
    warnings: tuple[str, ...] = ()
    outcome: events.Outcome | None = None

    @property
    def running(self) -> tuple[Stage, ...]:
        """The stages that are being worked on; independent ones run side by side."""
        return tuple(stage for stage in self.stages if stage.state is StageState.RUNNING)

    @property
    def finished(self) -> int:
        """How many stages are done."""
        return sum(stage.state in (StageState.DONE, StageState.CACHED) for stage in self.stages)


def advance(progress: RunProgress, news: Iterable[events.Event]) -> RunProgress:
    """Returns the progress after some more events."""
    for event in news:
        progress = _after(progress, event)
    return progress


def _after(progress: RunProgress, event: events.Event) -> RunProgress:
    match event:
        case events.MemoryUsed(now=now, peak=peak):
            taken = (*progress.taken, Taken(event.time, now, event.cores))
            highest = max(peak, now, progress.memory_peak)
            return replace(progress, memory_now=now, memory_peak=highest, taken=_thinned(taken))
        case events.Queued():
            progress = replace(progress, queued=event if event.ahead else None)
        case events.Started(stages=names, time=time):
            progress = replace(
                progress, stages=tuple(Stage(name) for name in names), began=time, queued=None
            )
        case events.StageStarted(stage=name, time=time):
            progress = _with(progress, name, state=StageState.RUNNING, began=time, step=None)
        case events.Progressed(stage=name):
            progress = _with(progress, name, step=event, rates=_rates(progress, event))
        case events.StageFinished(stage=name, seconds=seconds, cached=cached):
            state = StageState.CACHED if cached else StageState.DONE
            progress = _with(
                progress, name, state=state, seconds=seconds, peak_bytes=event.peak_rss_bytes
            )
        case events.Measured(variant=variant, what=what, value=value):
            of_variant = progress.measured.get(variant, {}) | {what: value}
            progress = replace(progress, measured=progress.measured | {variant: of_variant})
        case events.Warned(message=message):
            progress = replace(progress, warnings=(*progress.warnings, message))
        case events.Finished() | events.Failed() | events.Cancelled():
            progress = replace(progress, outcome=event)
            for stage in progress.running:
                progress = _with(progress, stage.name, state=StageState.STOPPED)
    return replace(progress, last_event=event.time)


def _rates(progress: RunProgress, event: events.Progressed) -> tuple[tuple[float, float], ...]:
    """The rates of a step, begun anew with each other step."""
    stage = next((it for it in progress.stages if it.name == event.stage), None)
    before = stage.rates if stage and stage.step and stage.step.step == event.step else ()
    return before if event.rate is None else _thinned((*before, (event.time, event.rate)))


def _thinned(values: tuple[T, ...]) -> tuple[T, ...]:
    """Every other value where there are more than are kept, the newest among them."""
    return values if len(values) <= _MOST_KEPT else values[::-1][::2][::-1]


def _with(progress: RunProgress, name: str, **changes: Any) -> RunProgress:
    """The progress with a stage changed; a stage that no plan named is added."""
    known = progress.stages
    if all(stage.name != name for stage in known):
        known = (*known, Stage(name))
    stages = tuple(replace(stage, **changes) if stage.name == name else stage for stage in known)
    return replace(progress, stages=stages)
