"""What a variant is executed with: candidates timed in turns, on the artefact itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial

from ovtui.core.machine.turns import measurement_lock
from ovtui.core.recipes.recipe import Property
from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.results.execution import ComponentExecution
from ovtui.engine.measuring.component_trial import ComponentTrial
from ovtui.engine.measuring.measurement import telling_once
from ovtui.engine.measuring.replay import Sequences
from ovtui.engine.measuring.search import Search, Trial, Way
from ovtui.engine.measuring.throughput_trial import ThroughputTrial
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Chosen
from ovtui.engine.store.stage_work import Choosing


def choose_execution(
    work: Choosing, calls: Callable[[Choosing, str], Sequences], journal: Journal
) -> Chosen:
    """Finds for each component of a variant the properties that it is executed fastest with.

    Then, where throughput is measured, how many streams give most of it, and how many samples in
    a request. Nothing else is measured meanwhile. Where no candidate is clearly faster than what
    the device chooses by itself, or no time is left to say so, that stays.

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
        left = len(work.models) + work.throughput
        for name in work.models:
            until = _share_until(end, left)
            trial = ComponentTrial(work, name, partial(calls, work, name), until)
            if best := _best(trial, until, journal, name):
                components[name] = best
            left -= 1
        throughput = None
        if work.throughput:
            throughput = _throughput(work, components, end, journal)
    return Chosen(components=components, throughput=throughput, allowed_seconds=work.seconds)


def _throughput(
    work: Choosing, components: Mapping[str, ComponentExecution], end: float, journal: Journal
) -> ComponentExecution | None:
    """With what was just chosen for the graph; its requests are what takes time now."""
    best = components.get(WHOLE_MODEL)
    chosen: Mapping[str, Property] = best.chosen if best else {}
    return _best(ThroughputTrial(work, chosen), end, journal, "throughput")


def _share_until(end: float, left: int) -> float:
    """The moment at which the next of so many is over, that share what time is left."""
    now = time.monotonic()
    return now + (end - now) / left


def _best(
    trial: Trial[Way], until: float, journal: Journal, name: str
) -> ComponentExecution | None:
    """The best; None where there is nothing to try."""
    if not (values := trial.values):
        return None
    step = journal.step(name, sum(map(len, values.values())))
    best = Search(trial, until, step).best()
    step.finish()
    return best
