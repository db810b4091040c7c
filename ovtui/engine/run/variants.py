"""A variant's files before they are measured, and what they were made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ovtui.core.recipes.compression import Method
from ovtui.core.recipes.recipe import Property
from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.results.execution import BATCH, ComponentExecution
from ovtui.core.results.result import Classes
from ovtui.core.results.variant import FirstAgreement
from ovtui.engine.store.stage_output import Compressed, Converted, read_info

PYTORCH = "pytorch"
"""The original model, run by PyTorch: an entry among the variants that has no files."""


class Output(NamedTuple):
    """A stage's output folder, and the key of everything that it depends on."""

    folder: Path
    key: str


@dataclass(frozen=True, slots=True)
class Artefact:
    """A variant's files and the properties they are executed with."""

    name: str
    folder: Path
    files: dict[str, Path]
    """The `.xml` of each component; none for the model that PyTorch runs."""
    methods: dict[str, Method]
    properties: Mapping[str, Property]
    key: str
    """Of everything that the files depend on."""
    compressed: dict[str, Compressed] = field(default_factory=dict)
    """What compression found out, by component."""
    first_agreement: FirstAgreement | None = None
    """On a few samples, before all are evaluated; None of what no method changes."""
    chosen: Mapping[str, Mapping[str, Property]] = field(default_factory=dict)
    """Properties that a component alone is executed with, since they were measured to be best."""

    tried: Mapping[str, ComponentExecution] = field(default_factory=dict)
    """What was tried to find these, by component."""
    throughput: ComponentExecution | None = None
    """What was tried for more samples a second, of one graph."""
    bucket: int | None = None
    """The multiple of tokens that texts are padded to; None where they are not."""

    def properties_of(self, component: str) -> dict[str, Property]:
        """Returns what a component is executed with: its own come before the variant's."""
        return {**self.properties, **self.chosen.get(component, {})}

    @property
    def busy_properties(self) -> dict[str, Property]:
        """Properties that a graph has beside its own while all of its requests are at work."""
        chosen = self.throughput.chosen if self.throughput else {}
        return {key: value for key, value in chosen.items() if key != BATCH}

    @property
    def model(self) -> Path:
        """The only file of a model that is one component."""
        return self.files[WHOLE_MODEL]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What every variant starts from."""

    conversion: Output
    evaluation: Output
    calibration: Output | None
    validation: Output | None
    classes: Classes | None = None
    """How a classifier's output is read, and the data's labels."""

    @property
    def converted(self) -> Converted:
        return read_info(self.conversion.folder, Converted)
