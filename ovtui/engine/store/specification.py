"""What a stage process is told, and what it leaves: the contract between workflow and stages."""

from __future__ import annotations

from typing import Any

import msgspec

from ovtui.core.recipes.compression import Method
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.recipes.references import Use
from ovtui.core.results.result import Classes, HubSource, Sample
from ovtui.core.results.speeds import Span
from ovtui.core.results.variant import Accuracy, Agreement, SelfCheck, StorageEffect, WhyUnchanged


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a stage failed, in one line; left beside its specification."""

    kind: str
    message: str


class Original(msgspec.Struct, frozen=True, kw_only=True):
    """The model before conversion, as a process that measures it is told."""

    recipe: Recipe
    base: str


class Pipeline(msgspec.Struct, frozen=True, kw_only=True):
    """A live model with compiled components, as a process that runs it is told."""

    recipe: Recipe
    base: str
    conversion: str
    """Folder of what its components were converted to."""
    models: dict[str, str]
    """An IR for each component; without any it is run by PyTorch."""
    labels: list[str] | None = None
    rows: str | None = None
    """Folder of the evaluation data that speed is measured on."""
    folder: str | None = None
    """Folder that paths in the rows start from."""


class Fetching(msgspec.Struct, frozen=True, kw_only=True):
    """What to have of the hub before a run begins."""

    recipe: Recipe
    base: str


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """What is there of it now."""

    sources: list[HubSource] = []
    offline: bool = False
    """The hub was not asked, or did not answer: everything is from the local cache."""


class Conversion(msgspec.Struct, frozen=True, kw_only=True):
    recipe: Recipe
    base: str
    device: str
    sample_folders: list[str]
    """Where the first sample is, or will be in one of them: another stage collects it meanwhile."""


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    recipe: Recipe
    base: str
    use: Use
    references: bool


class Compression(msgspec.Struct, frozen=True, kw_only=True):
    recipe: Recipe
    base: str
    source: str
    method: Method
    fp16: bool
    calibration: str | None
    validation: str | None
    stateful: bool = False
    """The graph has a cache, which becomes its state."""
    classes: Classes | None = None
    """How a classifier's output is read, where accuracy control judges it."""
    baseline: str | None = None
    """The IR that the uncompressed model is stored in."""


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """Calibration of a pipeline: what its components are called with."""

    recipe: Recipe
    base: str
    conversion: str
    calibration: str
    device: str
    wanted: dict[str, int]
    """Samples by component."""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """Metrics tried on the first samples."""

    recipe: Recipe
    base: str
    conversion: str
    evaluation: str
    classes: Classes | None = None


class Inference(msgspec.Struct, frozen=True, kw_only=True):
    """One variant's turn of an evaluation; its outputs are cached by the key."""

    variant: str
    models: dict[str, str]
    """An IR for each component; none for the recipe's own PyTorch model."""
    properties: dict[str, Any]
    key: str
    most: int | None = None
    """Infers only so many of the first samples."""


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    recipe: Recipe
    base: str
    device: str
    evaluation: str
    cache: str
    inferences: list[Inference]
    """The baseline first."""
    full_precision: Inference | None = None
    """The baseline with its weights as they were before they were stored in 16 bits."""
    classes: Classes | None = None
    """How a classifier's output is read."""


class FurtherScore(msgspec.Struct, frozen=True, kw_only=True):
    """A metric that is reported beside the one that decides."""

    accuracy: Accuracy
    reduction: str
    outcomes: list[list[float]]


class VariantScore(msgspec.Struct, frozen=True, kw_only=True):
    variant: str
    accuracy: Accuracy
    agreement: Agreement | None
    outcomes: list[list[float]]
    also: list[FurtherScore] = []
    """By the recipe's `also`, in its order."""
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
    left_out: list[int] = []
    """Positions of samples that the baseline answers with NaN or infinity."""
    storage: StorageEffect | None = None
    """What storing the baseline in 16 bits does to its answers, where it is known."""


class Specification(msgspec.Struct, frozen=True, kw_only=True):
    """What a stage process is told: one of the seven kinds of work."""

    run: str
    stage: str
    out: str
    fetching: Fetching | None = None
    conversion: Conversion | None = None
    collection: Collection | None = None
    recording: Recording | None = None
    trial: Trial | None = None
    compression: Compression | None = None
    evaluation: Evaluation | None = None

    @property
    def kind(self) -> str:
        """Which of them it is."""
        kinds = (
            "fetching",
            "conversion",
            "collection",
            "recording",
            "trial",
            "compression",
            "evaluation",
        )
        return next(kind for kind in kinds if getattr(self, kind) is not None)


class Port(msgspec.Struct, frozen=True, kw_only=True):
    """An input or output of a graph."""

    names: list[str]
    kind: str
    """Its element type as OpenVINO calls it, as in `f32`."""
    shape: list[int] | None
    """-1 for a free size; None where even their number is free."""
    table: int | None = None
    """Rows of the table that an input's values look up."""
    made_by: str = ""
    """Type of the operation that calculates an output."""


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
        """Indices of samples that two collections have in common."""
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
    weight_bits: dict[str, float] = {}
    """Share of the weights by how they are stored, where only weights were compressed."""
    unchanged: WhyUnchanged = ""
    """Why the file is the baseline's."""
    warnings: list[str] = []
    """What a person needs to know of the file, whether it was made now or found in the cache."""
    doubts: list[str] = []
    """The same of its calibration samples, which other variants may have too."""
