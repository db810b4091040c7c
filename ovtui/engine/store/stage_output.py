"""What a stage leaves as `info.json` beside its output."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ovtui.core.recipes.model_facts import Port
from ovtui.core.results.execution import ComponentExecution
from ovtui.core.results.object_changes import ObjectChanges
from ovtui.core.results.operations import GraphProfile
from ovtui.core.results.result import HubSource, Sample
from ovtui.core.results.speeds import Span
from ovtui.core.results.variant import Accuracy, Agreement, SelfCheck, StorageEffect, WhyUnchanged
from ovtui.core.statistics.likelihood import Divergence

_INFO = "info.json"
_REFERENCES = "references.json"
T = TypeVar("T")


def leave_info(folder: Path, info: msgspec.Struct) -> None:
    """Writes what a stage found beside its output, as `info.json`.

    Args:
        folder: of the output.
        info: one of the structures below.
    """
    (folder / _INFO).write_bytes(msgspec.json.encode(info))


def write_references(folder: Path, references: Sequence[Any]) -> None:
    """Leaves the right answers of collected rows beside their inputs.

    Args:
        folder: of the collected rows.
        references: one a row, as JSON can hold it: what that is depends on the task.
    """
    (folder / _REFERENCES).write_bytes(msgspec.json.encode(references))


def read_references(folder: Path) -> list[Any] | None:
    """Returns the right answers of collected rows; None where they were not asked for."""
    stored = folder / _REFERENCES
    if not stored.is_file():
        return None
    return msgspec.json.decode(stored.read_bytes(), type=list[Any])


def read_info(folder: Path, kind: type[T]) -> T:
    """Reads what a stage left beside its output.

    Args:
        folder: of the output.
        kind: the structure that the stage left.

    Raises:
        OSError: the stage left nothing.
        msgspec.DecodeError: it left another structure.
    """
    return msgspec.json.decode((folder / _INFO).read_bytes(), type=kind)


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """What is there of it now."""

    sources: list[HubSource] = []
    offline: bool = False
    """The hub was not asked, or did not answer: everything is from the local cache."""


class Converted(msgspec.Struct, frozen=True, kw_only=True):
    """What a conversion leaves beside its models."""

    device: str
    """Where variants run: what AUTO chose, or the device that was asked for."""
    default_precision: str
    """What the device runs floating-point models in when it is not told: `f32`, `bf16`, `f16`."""
    parameters: int
    """Number of weights."""
    difference: float | None = None
    """Largest difference to the original's outputs, relative to their largest value."""
    stateful: list[str] = []
    """Components that keep what they were called with before."""
    digests: dict[str, str] = {}
    """Of a pipeline's graphs, by component: two tasks of one model share what equal ones become."""
    inputs: list[Port] = []
    """Of a model that is one graph."""
    outputs: list[Port] = []
    without_numbers: str = ""
    """An output that has NaN or infinity for the first sample; empty where all are numbers."""
    calculated_in: list[str] = []
    """Types that the original calculates in, where the converted graph does so in float32."""


class Extent(msgspec.Struct, frozen=True, kw_only=True):
    """The values of an input over all samples, with the rows that they were seen in."""

    least: float
    least_row: int
    most: float
    most_row: int
    fraction: float | None = None
    """The first that is no whole number."""
    fraction_row: int | None = None


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """What was collected; `indices` and `digests` have one entry for each sample kept."""

    dataset: str
    split: str
    labels: list[str] | None
    """Class names by the model's index."""
    data_labels: list[str] | None
    """Class names by the data's number, where that is another."""
    labels_taken: str = ""
    """How labels of the data became classes of the model, in words."""
    highest_class: int | None = None
    """As the model counts, of all rows of the split, where the data give classes as numbers."""
    folder: str | None
    """Folder that paths in the rows start from."""
    indices: list[int]
    digests: list[str]
    duplicates: int
    """Samples left out since an equal one was there."""
    skipped: int
    """Samples that cannot be used."""
    skipped_first: list[str]
    """Why, for the first few."""
    calls: list[int] = []
    """Calls of the model that each sample takes; empty where it is one each."""
    extents: dict[str, Extent] = {}
    """By the input's name."""

    @property
    def sizes(self) -> list[int]:
        """Calls of each sample."""
        return self.calls or [1] * len(self.indices)

    def shared_with(self, other: Collected) -> set[int]:
        """Returns indices of samples that two collections have in common."""
        if (self.dataset, self.split) != (other.dataset, other.split):
            return set()
        return set(self.indices) & set(other.indices)


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What a recording leaves beside its spools, by component."""

    samples: dict[str, int]
    repeated: dict[str, int]
    """Equal ones that were left out."""
    left_out: dict[str, int]
    """Those for which there was no room."""
    digests: dict[str, str] = {}
    """Equal where samples are."""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What a trial leaves: the metrics that gave scores."""

    metrics: list[str]


class Compressed(msgspec.Struct, frozen=True, kw_only=True):
    """What a compression leaves beside the model."""

    nncf_seconds: float
    """Time inside NNCF alone."""
    reverted: list[str] = []
    """Operations that accuracy control put back."""
    kept: list[str] = []
    """Operations that stayed in floating point since they attend to a state."""
    kept_heads: list[str] = []
    """The same of a detector, behind its last convolutions."""
    kept_decoder: list[str] = []
    """And of one with queries."""
    weight_bits: dict[str, float] = {}
    """Share of the weights by how they are stored, where only weights were compressed."""
    awq_layers: tuple[int, int] | None = None
    """How many layers AWQ scaled, and how many have few bits, where it was asked for."""
    unchanged: WhyUnchanged = ""
    """Why the file is the baseline's."""
    warnings: list[str] = []
    """What a person needs to know of the file, whether it was made now or found in the cache."""
    doubts: list[str] = []
    """The same of its calibration samples, which other variants may have too."""


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """What the components of a variant are executed with, where anything was tried."""

    components: dict[str, ComponentExecution]
    throughput: ComponentExecution | None = None
    """Streams, and samples in a request, of a graph whose throughput is measured; its times are
    those of one sample."""
    allowed_seconds: float


class FurtherScore(msgspec.Struct, frozen=True, kw_only=True):
    """A metric that is reported beside the one that decides."""

    accuracy: Accuracy
    reduction: str
    outcomes: list[list[float]]
    resampled: list[float] = []


class VariantScore(msgspec.Struct, frozen=True, kw_only=True):
    variant: str
    accuracy: Accuracy
    agreement: Agreement | None
    outcomes: list[list[float]]
    resampled: list[float] = []
    """Values of a metric that no sum over samples gives, of resamples that all variants share."""
    also: list[FurtherScore] = []
    """By the recipe's `also`, in its order."""
    objects: ObjectChanges | None = None
    """Of a detector's variant."""
    divergence: Divergence | None = None
    """Of a language model's variant."""
    self_check: SelfCheck | None = None
    not_finite: int = 0
    """Samples that only it answers with NaN or infinity."""
    same_outputs: bool = False
    """All raw outputs are the baseline's, on all samples."""


class Evaluated(msgspec.Struct, frozen=True, kw_only=True):
    """What an evaluation leaves as `info.json`."""

    reduction: str
    scores: list[VariantScore]
    samples: list[Sample]
    end_to_end: dict[str, Span] = {}
    executed_precision: dict[str, dict[str, float]] = {}
    """Share of the kernels' time by precision, of the variants that it was seen of."""
    profiles: dict[str, list[GraphProfile]] = {}
    """The operations of these variants, by component."""
    left_out: list[int] = []
    """Positions of samples that the baseline answers with NaN or infinity."""
    reading: dict[str, Span] = {}
    """From outputs to an answer, by variant."""
    outputs_read: str = ""
    """How outputs were found to be read."""
    storage: StorageEffect | None = None
    """What storing the baseline in 16 bits does to its answers, where it is known."""
