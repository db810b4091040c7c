"""A component's file, compiled with one candidate's properties or another's."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

import openvino as ov

from ovtui.core.recipes.recipe import Property
from ovtui.core.text.errors import SourceError
from ovtui.engine.evaluation.alone import rounding
from ovtui.engine.measuring.candidates import candidates, default_of, traits_of
from ovtui.engine.measuring.replay import Replay, Sequences
from ovtui.engine.models.openvino_errors import telling_line
from ovtui.engine.store.layout import baseline_of, f32_on
from ovtui.engine.store.stage_work import Choosing


class ComponentTrial:
    """What is tried with a component.

    Args:
        work: of its variant.
        name: of it.
        calls: that it is timed with.
        until: a moment of `time.monotonic`, after which nothing more is inferred for it.

    Raises:
        SourceError: the device does not take the file as it is.
    """

    def __init__(
        self, work: Choosing, name: str, calls: Callable[[], Sequences], until: float = math.inf
    ) -> None:
        self._work, self._name, self._make_calls, self._until = work, name, calls, until
        self._core = ov.Core()
        self._model = self._core.read_model(work.models[name])
        self._traits = traits_of(self._model)
        began = time.monotonic()
        try:
            self._compiled = self._compile({})
        except RuntimeError as error:
            raise SourceError(f"{name}: {work.device}: {telling_line(error)}") from error
        self.compile_seconds = time.monotonic() - began
        self.chosen_by_device = default_of(self._compiled)

    @property
    def values(self) -> dict[str, list[Property]]:
        """The values to try, by property."""
        given = self._work.properties
        return candidates(self._capabilities, self.chosen_by_device, self._traits, given)

    @property
    def _capabilities(self) -> list[str]:
        """Nothing of a device of devices, which does not tell."""
        try:
            return list(self._core.get_property(self._work.device, "OPTIMIZATION_CAPABILITIES"))
        except RuntimeError:
            return []

    @cached_property
    def _calls(self) -> Sequences:
        return self._make_calls()

    @cached_property
    def default(self) -> Replay:
        """What the device chooses by itself.

        Raises:
            OutOfTime: its calls are not done in time.
        """
        return Replay(self._compiled, self._calls, self._until)

    @cached_property
    def _baseline(self) -> Replay:
        path = baseline_of(Path(self._work.conversion), self._name)
        exact = f32_on(self._work.device, stateful=self._traits.stateful)
        compiled = self._core.compile_model(path, self._work.device, exact)
        return Replay(compiled, self._calls, self._until)

    def way(self, properties: Mapping[str, Property]) -> Replay:
        """Returns it as a candidate executes it.

        Raises:
            RuntimeError: the device does not take the properties.
            OutOfTime: its calls are not done in time.
        """
        return Replay(self._compile(properties), self._calls, self._until)

    def doubt(self, candidate: Replay) -> str:
        """Returns why a candidate's answers are not the variant's; an empty text where they are.

        What rounding explains is no doubt, nor what is nearer to the baseline than the default.
        """
        if candidate.difference(self.default) <= rounding(candidate.compiled, self._model):
            return ""
        away, usual = (it.difference(self._baseline) for it in (candidate, self.default))
        if away <= usual:
            return ""
        return f"farther from the baseline: {away:.2g} of the largest output, default {usual:.2g}"

    def _compile(self, properties: Mapping[str, Property]) -> ov.CompiledModel:
        how = {"PERFORMANCE_HINT": "LATENCY", **self._work.properties, **properties}
        return self._core.compile_model(self._model, self._work.device, how)
