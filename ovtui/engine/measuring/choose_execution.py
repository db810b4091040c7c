"""What a variant is executed with: candidates timed in turns, on the artefact itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import msgspec

from ovtui.core.machine.turns import measurement_lock
from ovtui.core.recipes.recipe import Property
from ovtui.core.results.execution import NO_TIME, NOT_AGAIN, NOT_FASTER, ComponentExecution, Tried
from ovtui.core.statistics.blocks import percentile
from ovtui.engine.measuring.component_trial import ComponentTrial
from ovtui.engine.measuring.measurement import telling_once
from ovtui.engine.measuring.race import Race, race, seconds_of
from ovtui.engine.measuring.replay import Replay, Sequences
from ovtui.engine.models.openvino_errors import telling_line
from ovtui.engine.store.progress import Journal, Step
from ovtui.engine.store.stage_output import Chosen
from ovtui.engine.store.stage_work import Choosing


def choose_execution(
    work: Choosing, calls: Callable[[Choosing, str], Sequences], journal: Journal
) -> Chosen:
    """Finds for each component of a variant the properties that it is executed fastest with.

    Nothing else is measured meanwhile. Where no candidate is clearly faster than what the device
    chooses by itself, or no time is left to say so, that stays.

    Args:
        work: the variant's files, and the seconds that this may take.
        calls: what a component is called with, by its name; see `component_calls`.
        journal: where progress goes.

    Raises:
        SourceError: the device does not take a component as it is.
    """
    components = {}
    with measurement_lock(telling_once(journal)):
        end = time.monotonic() + work.seconds
        for number, name in enumerate(work.models):
            now = time.monotonic()
            trial = ComponentTrial(work, name, partial(calls, work, name))
            if values := trial.values:
                step = journal.step(name, sum(map(len, values.values())))
                until = now + (end - now) / (len(work.models) - number)
                components[name] = _Search(trial, until, step).best()
                step.finish()
    return Chosen(components=components, allowed_seconds=work.seconds)


@dataclass(slots=True)
class _Search:
    """Goes from the device's default to the best candidate, property after property."""

    trial: ComponentTrial
    until: float
    """The moment of `time.monotonic` at which it should be over."""
    step: Step
    """Counts the candidates."""
    tried: list[Tried] = field(default_factory=list)
    properties: dict[str, Property] = field(default_factory=dict)
    """Of the best so far."""
    default_ms: list[float] = field(default_factory=list)
    """Medians of the races that the default took part in."""

    def best(self) -> ComponentExecution:
        """Returns what is best; what won is measured once more, against the default."""
        champion = default = self.trial.default
        for key, values in self.trial.values.items():
            start = self.properties
            for value in values:
                champion = self._better(champion, {**start, key: value})
                self.step.advance()
        usual = {key: self.trial.chosen_by_device[key] for key in self.trial.values}
        if champion is default:
            times = sorted(self.default_ms)
            ms = percentile(times, 50) if times else None
            return ComponentExecution(
                default=usual, chosen={}, default_ms=ms, chosen_ms=ms, candidates=self.tried
            )
        return self._confirmed(usual, race(default, champion, self.until))

    @property
    def _end_of_race(self) -> float:
        """Those that are left have the same time, what won is measured once more."""
        left = sum(map(len, self.trial.values.values())) - len(self.tried)
        now = time.monotonic()
        return now + (self.until - now) / (left + 1)

    def _better(self, champion: Replay, properties: dict[str, Property]) -> Replay:
        """The champion, or the candidate with the properties where it is clearly faster."""
        least = seconds_of(champion)
        if time.monotonic() + self.trial.compile_seconds + 2 * least > self.until:
            self.tried.append(Tried(properties=properties, refused=NO_TIME))
            return champion
        end = self._end_of_race
        try:
            replay = self.trial.replay(properties)
        except RuntimeError as error:
            self.tried.append(Tried(properties=properties, refused=telling_line(error)))
            return champion
        if doubt := self.trial.doubt(replay):
            self.tried.append(Tried(properties=properties, refused=doubt))
            return champion
        raced = race(champion, replay, end)
        if champion is self.trial.default:
            self.default_ms.append(raced.one_ms)
        tried = Tried(properties=properties, ms=raced.other_ms, speedup=raced.ratio.value)
        if not raced.is_faster:
            self.tried.append(msgspec.structs.replace(tried, refused=NOT_FASTER))
            return champion
        self.tried.append(tried)
        self.properties = properties
        return replay

    def _confirmed(self, usual: dict[str, Property], raced: Race) -> ComponentExecution:
        """What won where it does so again: the best of many is the best by chance, too."""
        tried, chosen = self.tried, self.properties
        if not raced.is_faster:
            tried = [
                msgspec.structs.replace(it, refused=it.refused or NOT_AGAIN) for it in self.tried
            ]
            chosen = {}
        return ComponentExecution(
            default=usual,
            chosen=chosen,
            default_ms=raced.one_ms,
            chosen_ms=raced.other_ms if chosen else raced.one_ms,
            speedup=raced.ratio.value if chosen else 1.0,
            speedup_ci95=raced.ratio.interval if chosen else None,
            candidates=tried,
        )
