"""What a run found out: `result.json`, the file that scripts rely on."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from ovtui.core.files.reading import Damaged, decode_json, read_regular
from ovtui.core.results.object_changes import ObjectChanges
from ovtui.core.results.prediction import (
    DetectionPrediction,
    MaskPrediction,
    Prediction,
    read_prediction,
)
from ovtui.core.results.slow_reason import SlowReason
from ovtui.core.results.speeds import BatchSpeedup
from ovtui.core.results.variant import Variant
from ovtui.core.statistics.likelihood import Divergence

SCHEMA = 1
_MOST_BITS = 64

Verdict = Literal["pass", "fail", "not enough samples"]

NOTHING_TO_COMPRESS: Literal["nothing to compress"] = "nothing to compress"
COMPRESSED_ALREADY: Literal["compressed already"] = "compressed already"


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """The machine of a run; `isa` holds the vector extensions that decide INT8 speed."""

    host: str
    cpu: str
    isa: list[str]
    cores: int
    memory_bytes: int
    os: str = ""


class StageTime(msgspec.Struct, frozen=True, kw_only=True):
    """Wall seconds and peak resident bytes of one stage; a cached stage was not done again."""

    name: str
    seconds: float
    cached: bool
    peak_rss_bytes: int
    nncf_seconds: float | None = None
    """Time inside NNCF alone."""


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """What the quantizer saw; `samples` counts what was fed, `duplicates` equal inputs left out."""

    dataset: str
    split: str
    samples: int
    overlaps_evaluation: bool
    duplicates: int = 0
    skipped: int = 0


class EvaluationData(msgspec.Struct, frozen=True, kw_only=True):
    """What accuracy was measured on; `skipped` counts samples that could not be decoded."""

    dataset: str
    split: str
    samples: int
    skipped: int = 0
    not_finite: int = 0
    """Samples left out since the baseline answers them with NaN or infinity."""


class Classes(msgspec.Struct, frozen=True, kw_only=True):
    """How a classifier's output is read as classes, and the data's labels as those."""

    count: int | None
    """Classes that the output has values for; None where its shape does not tell."""
    output: str
    """The model's output that is read: its name, or its position."""
    index: int
    """Its position."""
    reads: Literal["scores", "probability", "class"] = "scores"
    """A score for each class, the probability of the second of two, or the class's index itself."""
    mapping: str = ""
    """How labels of the data became classes of the model."""
    labels: list[str] | None = None
    """Names by the model's index."""


class HubSource(msgspec.Struct, frozen=True, kw_only=True):
    """What a run took from the Hugging Face hub, or from what its cache held of it."""

    used_for: str
    """`model`, `calibration`, `evaluation` or `validation`."""
    repository: str
    commit: str
    revision: str | None = None
    """As the recipe asks for it; the repository's `main` when it does not."""
    files: list[str] = []
    """The weights, or the files that hold the rows."""
    size_bytes: int = 0
    """Of these files."""
    rows_streamed: int | None = None
    """So many rows were read from the files, which stayed on the hub."""


class MetricChange(msgspec.Struct, frozen=True, kw_only=True):
    """A further metric of a variant against the baseline's, paired; variant minus baseline."""

    metric: str
    delta: float
    delta_ci95: tuple[float, float]
    p_value: float
    test: str


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """A variant against the baseline: ratios are baseline over variant, deltas the reverse."""

    variant: str
    baseline: str
    precisions: str = ""
    """The two precisions that `speedup` compares, as in `f32 → i8`."""
    compression: float | None = None
    compression_against: str = ""
    """The storage type of the baseline that `compression` is measured against."""
    bin_compression: float | None = None
    """The same of the `.bin` files alone: a small model's graph takes as much room as weights."""
    speedup: float | None = None
    speedup_ci95: tuple[float, float] | None = None
    throughput_speedup: float | None = None
    throughput_speedup_ci95: tuple[float, float] | None = None
    real_lengths_speedup: float | None = None
    """In time for the same evaluation samples, each answered at the length that the model gives
    it; the geometric mean of the samples' ratios, of the precisions that `speedup` compares."""
    real_lengths_speedup_ci95: tuple[float, float] | None = None
    """Over the samples."""
    same_precision_baseline: str = ""
    """The uncompressed variant that runs its floating point in what this one does, as bf16."""
    same_precision: str = ""
    """The two precisions that its speed-ups compare; empty where no such variant was measured."""
    same_precision_speedup: float | None = None
    same_precision_speedup_ci95: tuple[float, float] | None = None
    same_precision_throughput_speedup: float | None = None
    same_precision_throughput_speedup_ci95: tuple[float, float] | None = None
    batched: list[BatchSpeedup] = []
    pytorch_speedup: float | None = None
    """Latency of the `pytorch` entry over the variant's, where the recipe asks for it."""
    pytorch_speedup_ci95: tuple[float, float] | None = None
    pytorch_precisions: str = ""
    also: list[MetricChange] = []
    """Of the variant's further metrics."""
    accuracy_delta: float | None = None
    accuracy_delta_ci95: tuple[float, float] | None = None
    flips: dict[str, int] | None = None
    p_value: float | None = None
    test: str = ""
    """The paired test that `p_value` comes from."""
    max_drop: float | None = None
    verdict: Verdict | None = None
    samples_needed: int | None = None
    """For `not enough samples`: how many would settle it; absent where no number would."""
    no_verdict: str = ""
    """Why there is no verdict, where one was asked for."""
    objects: ObjectChanges | None = None
    """Of a detector: what it finds beside the baseline."""
    divergence: Divergence | None = None
    """Of a language model: how far its predictions of tokens are from the baseline's."""
    same_outputs: bool = False
    """All raw outputs are the baseline's, number by number, on every sample."""
    slow_reason: SlowReason | None = None
    """Of a compressed variant that is hardly faster: what takes most of its time."""

    @property
    def alike(self) -> str:
        """The uncompressed variant whose floating point is calculated as in this one."""
        return self.same_precision_baseline or self.baseline

    @property
    def speedup_alike(self) -> float | None:
        """Times faster than that one: in latency, or in throughput where that alone is known."""
        if self.same_precision_baseline:
            return self.same_precision_speedup or self.same_precision_throughput_speedup
        return self.speedup or self.throughput_speedup


if TYPE_CHECKING:
    Predictions = dict[str, Prediction]
else:  # those of older runs have no tag: `Sample` reads them
    Predictions = dict[str, Any]


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One evaluation sample as shown to a person; paths are relative to the run folder."""

    id: str
    input: dict[str, Any]
    reference: Any
    """What is right: a text, a number, several of them, or the objects that are there."""
    predictions: Predictions
    """By variant."""
    changed: bool = False

    def __post_init__(self) -> None:
        read = {name: read_prediction(value) for name, value in self.predictions.items()}
        msgspec.structs.force_setattr(self, "predictions", read)
        right = read_prediction(self.reference)
        if isinstance(right, DetectionPrediction | MaskPrediction):
            msgspec.structs.force_setattr(self, "reference", right)

    def answer(self, variant: str) -> str:
        """Returns what a variant says, in short; an empty text where it was not asked."""
        prediction = self.predictions.get(variant)
        return "" if prediction is None else prediction.answer


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a finished run reports."""

    schema: int = SCHEMA
    run: str
    recipe: str
    title: str = ""
    """The recipe's."""
    task: str
    outcome: str
    machine: Machine
    versions: dict[str, str]
    device: str
    stages: list[StageTime]
    calibration: Calibration | None = None
    evaluation: EvaluationData | None = None
    classes: Classes | None = None
    """Of a classifier."""
    reading: str = ""
    """How a detector's outputs were found to be read."""
    max_drop: float | None = None
    variants: list[Variant] = []
    comparisons: list[Comparison] = []
    chosen: str | None = None
    """The compressed variant to take, as `core/results/choice.py` has it; none where absent."""
    samples: list[Sample] = []
    warnings: list[str] = []
    sources: list[HubSource] = []
    """What came from the Hugging Face hub."""
    trusted: bool = False
    """Remote code or pickled weights were allowed by the recipe."""

    @property
    def verdicts(self) -> list[tuple[str, str]]:
        """Each judged variant with its verdict, or `no verdict` where the metric gives none."""
        return [
            (comparison.variant, comparison.verdict or "no verdict")
            for comparison in self.comparisons
            if comparison.verdict or comparison.no_verdict
        ]


def encode(result: Result) -> bytes:
    """Returns the result as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(result), indent=1)


def _is_sane(value: Any) -> bool:
    """Whether every number in plain data can be calculated with and drawn."""
    match value:
        case bool() | None | str():
            return True
        case int():
            return value.bit_length() <= _MOST_BITS
        case float():
            return math.isfinite(value)
        case list():
            return all(map(_is_sane, value))
        case dict():
            return all(map(_is_sane, value.values()))
    return False


def read(path: Path) -> Result:
    """Reads a `result.json`.

    Raises:
        OSError: the file cannot be read.
        Damaged: it is not a result of a schema that this version knows; it is named.
    """
    data = read_regular(path)
    try:
        result = decode_json(data, Result, str(path))
    except Damaged as error:
        why = error.__cause__ or "nested too deeply"
        raise Damaged(f"{path}: not a result of ovtui ({why})") from error
    if not _is_sane(decode_json(data, Any, str(path))):
        raise Damaged(f"{path}: cannot be read: it holds a number beyond 64 bits")
    if result.schema > SCHEMA:
        raise Damaged(f"{path}: schema {result.schema} is newer than this ovtui; update it")
    return result
