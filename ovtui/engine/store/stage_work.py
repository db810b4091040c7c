"""What an engine works on, and what a process of one of its stages is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import msgspec

from ovtui.core.recipes.compression import Method
from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.core.recipes.recipe import Property
from ovtui.core.recipes.references import Use
from ovtui.core.results.result import Classes
from ovtui.core.runs.run_request import Request
from ovtui.core.runs.stage_kind import StageKind
from ovtui.core.text.errors import UserError

STAGES = ".stages"
"""Folder of a run with what its processes are told."""

FailureKind = Literal["input", "memory", "disk", "killed", "error"]
"""`input`: what a person gave is wrong; `error`: a library, or ovtui itself, failed."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a stage failed, in one line; left beside its specification."""

    kind: FailureKind
    message: str


class Job(PlacedRecipe, frozen=True, kw_only=True):
    """A recipe where it lies, at the commits that its run takes, for a device."""

    name: str
    """The recipe's name."""
    device: str


def job_of(request: Request) -> Job:
    """Returns what a request asks an engine to do.

    Raises:
        UserError: it names no recipe.
    """
    if request.recipe is None:
        raise UserError("the request names no recipe")
    return Job(request.recipe, request.base, name=request.name, device=request.device)


class PipelineFiles(PlacedRecipe, frozen=True, kw_only=True):
    """A live model with compiled components, as a process that runs it is told."""

    conversion: str
    """Folder of what its components were converted to."""
    models: dict[str, str]
    """An IR for each component; without any it is run by PyTorch."""
    chosen: Mapping[str, Mapping[str, Property]] = {}
    """Properties that a component alone is executed with; they come before those of all."""
    labels: list[str] | None = None
    rows: str | None = None
    """Folder of the evaluation data that speed is measured on."""
    folder: str | None = None
    """Folder that paths in the rows start from."""


class Fetching(PlacedRecipe, frozen=True, kw_only=True, tag=True):
    """What to have of the hub before a run begins."""

    kind: ClassVar[StageKind] = StageKind.DOWNLOAD


class Conversion(PlacedRecipe, frozen=True, kw_only=True, tag=True):
    """A model to be converted, and checked against what it was converted from."""

    kind: ClassVar[StageKind] = StageKind.CONVERT
    device: str
    sample_folders: list[str]
    """Where the first sample is, or will be in one of them: another stage collects it meanwhile."""


class Collection(PlacedRecipe, frozen=True, kw_only=True, tag=True):
    """Samples to be collected for a use."""

    kind: ClassVar[StageKind] = StageKind.COLLECT
    use: Use
    references: bool


class Recording(PlacedRecipe, frozen=True, kw_only=True, tag=True):
    """Calibration of a pipeline: what its components are called with."""

    kind: ClassVar[StageKind] = StageKind.RECORD
    conversion: str
    calibration: str
    device: str
    wanted: dict[str, int]
    """Samples by component."""


class Trial(PlacedRecipe, frozen=True, kw_only=True, tag=True):
    """Metrics tried on the first samples.

    Of a pipeline, which takes seconds to load, the right answers stand for the baseline's: both
    are texts.
    """

    kind: ClassVar[StageKind] = StageKind.TRY
    model: str | None
    """The baseline's IR; None of a pipeline."""
    evaluation: str
    classes: Classes | None = None


class Compression(PlacedRecipe, frozen=True, kw_only=True, tag=True):
    """A graph to be compressed, and what its method looks at."""

    kind: ClassVar[StageKind] = StageKind.COMPRESS
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


class Choosing(PlacedRecipe, frozen=True, kw_only=True, tag=True):
    """A variant whose execution is to be chosen."""

    kind: ClassVar[StageKind] = StageKind.CHOOSE
    device: str
    models: dict[str, str]
    """An IR for each component."""
    properties: Mapping[str, Property]
    """What the recipe has it executed with, which is not chosen."""
    conversion: str
    evaluation: str
    seconds: float
    """That it may take."""
    throughput: bool = False
    """It is to be executed with all of its requests at work, too."""
    bucket: int | None = None
    """The multiple of tokens that texts are padded to; None where they are not."""


class Inference(msgspec.Struct, frozen=True, kw_only=True):
    """One variant's turn of an evaluation; its outputs are cached by the key."""

    variant: str
    models: dict[str, str]
    """An IR for each component; none for the recipe's own PyTorch model."""
    properties: Mapping[str, Property]
    key: str
    bucket: int | None = None
    """The multiple of tokens that texts are padded to; None where they are not."""
    most: int | None = None
    """Infers only so many of the first samples."""


class FirstAnswers(PlacedRecipe, frozen=True, kw_only=True, tag=True):
    """A variant and the baseline, to be asked the first few samples."""

    kind: ClassVar[StageKind] = StageKind.AGREE
    device: str
    conversion: str
    evaluation: str
    cache: str
    baseline: Inference
    """Keyed by all that its first answers depend on."""
    variant: Inference
    classes: Classes | None = None
    """How a classifier's output is read."""


class Evaluation(PlacedRecipe, frozen=True, kw_only=True, tag=True):
    """Variants to be evaluated, all on the same samples."""

    kind: ClassVar[StageKind] = StageKind.EVALUATE
    device: str
    evaluation: str
    cache: str
    inferences: list[Inference]
    """The baseline first."""
    timed: bool
    """The whole way from a row of data to an answer is timed, too."""
    full_precision: Inference | None = None
    """The baseline with its weights as they were before they were stored in 16 bits."""
    classes: Classes | None = None
    """How a classifier's output is read."""


Work = (
    Fetching
    | Conversion
    | Collection
    | Recording
    | Trial
    | Compression
    | FirstAnswers
    | Choosing
    | Evaluation
)


class Specification(msgspec.Struct, frozen=True, kw_only=True):
    """What a stage process is told: the work, whose it is, and where its output goes."""

    run: str
    """Folder of the run."""
    stage: str
    """The stage's name, as events have it."""
    out: str
    """An empty folder."""
    work: Work
