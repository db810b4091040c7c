"""The search for what is executed fastest: candidates raced against the best so far."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

import msgspec

from ovtui.core.recipes.recipe import Property
from ovtui.core.results.execution import NO_TIME, NOT_AGAIN, NOT_FASTER, ComponentExecution, Tried
from ovtui.core.statistics.blocks import percentile
from ovtui.engine.measuring.race import OutOfTime, Race, Timed, race, seconds_of
from ovtui.engine.models.openvino_errors import telling_line
from ovtui.engine.store.progress import Step

Way = TypeVar("Way", bound=Timed)


class Trial(Protocol[Way]):
    """What can be executed in more than one way."""

    compile_seconds: float
    """That a candidate takes before it is timed."""

    @property
    def chosen_by_device(self) -> Mapping[str, Property]:
        """The values that it has of the properties that may be tried."""

    @property
    def values(self) -> dict[str, list[Property]]:
        """The values to try, by property."""

    @property
    def default(self) -> Way:
        """What the device chooses by itself.

        Raises:
            OutOfTime: there is no time for its calls.
        """

    def way(self, properties: Mapping[str, Property]) -> Way:
        """Returns it as a candidate executes it.

        Raises:
            RuntimeError: the device does not take the properties.
            OutOfTime: there is no time for its calls.
        """

    def doubt(self, candidate: Way) -> str:
        """Returns why a candidate's answers are not the variant's; an empty text where they are."""


@dataclass(slots=True)
class Search(Generic[Way]):
    """Goes from the device's default to the best candidate, property after property."""

    trial: Trial[Way]
    until: float
    """The moment of `time.monotonic` at which it is over."""
    step: Step
    """Counts the candidates."""
    tried: list[Tried] = field(default_factory=list)
    properties: dict[str, Property] = field(default_factory=dict)
    """Of the best so far."""
    default_ms: list[float] = field(default_factory=list)
    """Medians of the races that the default took part in."""

    def best(self) -> ComponentExecution:
        """Returns what is best; what won is measured once more, against the default."""
        usual = {key: self.trial.chosen_by_device[key] for key in self.trial.values}
        try:
            champion = default = self.trial.default
        except OutOfTime:
            return self._default_stays(usual, self._all_without_time())
        for key, values in self.trial.values.items():
            start = self.properties
            for value in values:
                champion = self._better(champion, {**start, key: value})
                self.step.advance()
        if champion is default:
            return self._default_stays(usual, self.tried)
        try:
            return self._confirmed(usual, race(default, champion, self.until))
        except OutOfTime:
            return self._default_stays(usual, self._refused(NO_TIME))

    def _all_without_time(self) -> list[Tried]:
        values = self.trial.values.items()
        return [
            Tried(properties={key: value}, refused=NO_TIME)
            for key, tried in values
            for value in tried
        ]

    def _refused(self, why: str) -> list[Tried]:
        """What was tried, with a reason why also the winners are not taken."""
        return [msgspec.structs.replace(it, refused=it.refused or why) for it in self.tried]

    def _default_stays(self, usual: dict[str, Property], tried: list[Tried]) -> ComponentExecution:
        times = sorted(self.default_ms)
        ms = percentile(times, 50) if times else None
        return ComponentExecution(
            default=usual, chosen={}, default_ms=ms, chosen_ms=ms, candidates=tried
        )

    @property
    def _end_of_race(self) -> float:
        """Those that are left have the same time, what won is measured once more."""
        left = sum(map(len, self.trial.values.values())) - len(self.tried)
        now = time.monotonic()
        return now + (self.until - now) / (left + 1)

    def _better(self, champion: Way, properties: dict[str, Property]) -> Way:
        """The champion, or the candidate with the properties where it is clearly faster."""
        least = seconds_of(champion)
        if time.monotonic() + self.trial.compile_seconds + 2 * least > self.until:
            self.tried.append(Tried(properties=properties, refused=NO_TIME))
            return champion
        end = self._end_of_race
        try:
            candidate = self.trial.way(properties)
            if doubt := self.trial.doubt(candidate):
                self.tried.append(Tried(properties=properties, refused=doubt))
                return champion
            raced = race(champion, candidate, end)
        except OutOfTime:
            self.tried.append(Tried(properties=properties, refused=NO_TIME))
            return champion
        except RuntimeError as error:
            self.tried.append(Tried(properties=properties, refused=telling_line(error)))
            return champion
        if champion is self.trial.default:
            self.default_ms.append(raced.one_ms)
        tried = Tried(properties=properties, ms=raced.other_ms, speedup=raced.ratio.value)
        if not raced.is_faster:
            self.tried.append(msgspec.structs.replace(tried, refused=NOT_FASTER))
            return champion
        self.tried.append(tried)
        self.properties = properties
        return candidate

    def _confirmed(self, usual: dict[str, Property], raced: Race) -> ComponentExecution:
        """What won where it does so again: the best of many is the best by chance, too."""
        won = raced.is_faster
        return ComponentExecution(
            default=usual,
            chosen=self.properties if won else {},
            default_ms=raced.one_ms,
            chosen_ms=raced.other_ms if won else raced.one_ms,
            speedup=raced.ratio.value if won else 1.0,
            speedup_ci95=raced.ratio.interval if won else None,
            candidates=self.tried if won else self._refused(NOT_AGAIN),
        )
