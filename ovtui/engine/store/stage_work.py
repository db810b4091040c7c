"""What a stage process is told."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from ovtui.core.recipes.compression import Method
from ovtui.core.recipes.recipe import Recipe
from ovtui.core.recipes.references import Use
from ovtui.core.results.result import Classes
from ovtui.core.runs.stage_kind import StageKind

TOLD = ".stages"
"""Folder of a run with what its processes are told."""


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


class Fetching(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What to have of the hub before a run begins."""

    kind: ClassVar[StageKind] = StageKind.DOWNLOAD
    recipe: Recipe
    base: str


class Conversion(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    kind: ClassVar[StageKind] = StageKind.CONVERT
    recipe: Recipe
    base: str
    device: str
    sample_folders: list[str]
    """Where the first sample is, or will be in one of them: another stage collects it meanwhile."""


class Collection(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    kind: ClassVar[StageKind] = StageKind.COLLECT
    recipe: Recipe
    base: str
    use: Use
    references: bool


class Recording(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Calibration of a pipeline: what its components are called with."""

    kind: ClassVar[StageKind] = StageKind.RECORD
    recipe: Recipe
    base: str
    conversion: str
    calibration: str
    device: str
    wanted: dict[str, int]
    """Samples by component."""


class Trial(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Metrics tried on the first samples."""

    kind: ClassVar[StageKind] = StageKind.TRY
    recipe: Recipe
    base: str
    conversion: str
    evaluation: str
    classes: Classes | None = None


class Compression(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    kind: ClassVar[StageKind] = StageKind.COMPRESS
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


class Inference(msgspec.Struct, frozen=True, kw_only=True):
    """One variant's turn of an evaluation; its outputs are cached by the key."""

    variant: str
    models: dict[str, str]
    """An IR for each component; none for the recipe's own PyTorch model."""
    properties: dict[str, Any]
    key: str
    most: int | None = None
    """Infers only so many of the first samples."""


class Evaluation(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    kind: ClassVar[StageKind] = StageKind.EVALUATE
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


Work = Fetching | Conversion | Collection | Recording | Trial | Compression | Evaluation


class Specification(msgspec.Struct, frozen=True, kw_only=True):
    """What a stage process is told: the work, whose it is, and where its output goes."""

    run: str
    """Folder of the run."""
    stage: str
    """The stage's name, as events have it."""
    out: str
    """An empty folder."""
    work: Work
