"""What a run found out: `result.json`, the file that scripts rely on."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Literal

import msgspec

from ovtui.core.reading import Damaged, decode_json, read_regular
from ovtui.core.speeds import BatchSpeedup, BatchThroughput, Latency, RealLengths, Span, Throughput

SCHEMA = 1
_MOST_BITS = 64

Verdict = Literal["pass", "fail", "not enough samples"]

NOTHING_TO_COMPRESS: Literal["nothing to compress"] = "nothing to compress"
COMPRESSED_ALREADY: Literal["compressed already"] = "compressed already"
Unchanged = Literal["", "nothing to compress", "compressed already"]


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


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a variant: its compression method and its bytes on disk."""

    name: str
    method: str
    xml_bytes: int
    bin_bytes: int
    reverted: list[str] = []
    """Operations that accuracy control put back to floating point."""
    weight_bits: dict[str, float] = {}
    """Share of the weights by mode, as in `int4_sym`, where only weights were compressed; `float`
    for those that are not: biases and other vectors are not counted."""
    unchanged: Unchanged = ""
    """Why the method changed nothing, and the files are the baseline's."""
    digest: str = ""
    """Equal for files that calculate the same: of the graph and its weights, not of what the
    graph's file says of how it was made."""


class SelfCheck(msgspec.Struct, frozen=True, kw_only=True):
    """How samples were inferred, and whether a fresh request for each alone gives the same.

    Differences are relative to an output's largest value. What rounding explains counts as equal: a
    difference of 1e-4 where all is calculated in f32, and of one step of 8 bits elsewhere.
    """

    way: str
    """`batches of 8`, `one by one` (requests are used again) or `a fresh request each`."""
    checked: int
    """Different samples that were compared."""
    equal: bool
    difference: float | None = None
    """The largest; None where outputs have another shape, or another one is no number."""
    refused: list[str] = []
    """Quicker ways that gave other outputs, and were not taken."""
    outputs: list[str] = []
    """Names of the model's outputs, in their order."""


class Accuracy(msgspec.Struct, frozen=True, kw_only=True):
    metric: str
    higher_is_better: bool
    value: float
    ci95: tuple[float, float]
    """Its ends are equal where the value cannot vary, as the baseline's cosine with itself."""
    count: int
    undefined: str = ""
    """Why the value says nothing, as where all samples give the same one; no verdict then."""

    @property
    def varies(self) -> bool:
        """Other samples could have given another value."""
        return self.ci95[0] < self.ci95[1]


class OutputNearness(msgspec.Struct, frozen=True, kw_only=True):
    """How near one of a variant's outputs is to the baseline's, over all samples."""

    name: str
    cosine: float | None = None
    """Mean of the samples' cosines."""
    min_cosine: float | None = None
    max_abs_difference: float | None = None
    largest: float | None = None
    """The baseline's largest absolute value: what the difference is relative to."""
    other_shape: int = 0
    """Samples whose output has another shape, such as more rows; what is lacking counts as 0."""


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """How near a variant's raw outputs are to the baseline's on the evaluation samples.

    `value` is the share of samples with the same prediction, `cosine` the mean cosine of the
    outputs, `max_abs_difference` the largest difference of one output value.
    """

    with_: str = msgspec.field(name="with")
    value: float | None = None
    cosine: float | None = None
    min_cosine: float | None = None
    max_abs_difference: float | None = None
    same: str = ""
    """When two predictions are the same, in words; empty where they are equal then."""
    outputs: list[OutputNearness] = []
    """Each of the model's outputs by itself."""
    not_finite: int = 0
    """Samples that only the variant answers with NaN or infinity; in none of the figures here."""


class StorageEffect(msgspec.Struct, frozen=True, kw_only=True):
    """What storing the baseline's weights in 16 bits does: it against the same weights in 32."""

    samples: int
    """The first ones of the evaluation, on which both were run, in f32."""
    metric: str
    value: float
    """With weights of 32 bits."""
    delta: float
    """As stored, minus that."""
    changed: int
    """Samples with another prediction."""
    max_abs_difference: float | None = None
    """Of an output value."""


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """An artefact and the properties it was executed with, with all that was measured of it."""

    name: str
    baseline: bool
    path: str
    """Folder of the artefact, relative to the run folder; empty for one that has no files."""
    storage: str = ""
    """Floating-point type that the artefact's weights are stored in: `fp16` or `fp32`."""
    storage_effect: StorageEffect | None = None
    """Of the baseline, where it is stored in 16 bits and that was looked into."""
    execution: dict[str, Any] = {}
    """`inference_precision` as compiled, `requested` properties, `hint`."""
    components: list[Component] = []
    size_bytes: int = 0
    latency: Latency | None = None
    throughput: Throughput | None = None
    batched: list[BatchThroughput] = []
    """Throughput at larger batches, where the recipe asks for it."""
    end_to_end: Span | None = None
    real_lengths: RealLengths | None = None
    """Of a pipeline, beside `latency`, whose answers all have the same number of tokens."""
    compile_ms: float | None = None
    first_inference_ms: float | None = None
    peak_rss_bytes: int | None = None
    executed_precision: dict[str, float] = {}
    """Share of execution time by precision, from the runtime graph."""
    accuracy: Accuracy | None = None
    also: list[Accuracy] = []
    """Further metrics, by the recipe's `also`."""
    agreement: Agreement | None = None
    self_check: SelfCheck | None = None
    """Of how accuracy was evaluated; nothing of PyTorch's own model."""
    parameters: dict[str, Any] = {}
    """The recipe's compression parameters by component."""
    same_files_as: str = ""
    """An earlier variant whose files calculate the same: a choice counts the two as one."""

    @property
    def compressed(self) -> bool:
        """Some of its components are not as they were converted."""
        return any(component.method != "none" for component in self.components)

    @property
    def bin_bytes(self) -> int:
        """Of all components: the weights without the graphs."""
        return sum(component.bin_bytes for component in self.components)


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
    same_outputs: bool = False
    """All raw outputs are the baseline's, number by number, on every sample."""


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One evaluation sample as shown to a person; paths are relative to the run folder."""

    id: str
    input: dict[str, Any]
    reference: Any
    predictions: dict[str, Any]
    changed: bool = False


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
    max_drop: float | None = None
    variants: list[Variant] = []
    comparisons: list[Comparison] = []
    chosen: str | None = None
    """The compressed variant to take, by the rule of `ovtui.core.choice`; absent where none is."""
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
            (it.variant, it.verdict or "no verdict")
            for it in self.comparisons
            if it.verdict or it.no_verdict
        ]


def encode(result: Result) -> bytes:
    """The result as indented JSON."""
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
    """Read a `result.json`.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is not a result of a schema that this version knows.
    """
    data = read_regular(path)
    try:
        result = decode_json(data, Result, str(path))
    except Damaged as error:
        why = error.__cause__ or "nested too deeply"
        raise ValueError(f"{path}: not a result of ovtui ({why})") from error
    if not _is_sane(decode_json(data, Any, str(path))):
        raise ValueError(f"{path}: cannot be read: it holds a number beyond 64 bits")
    if result.schema > SCHEMA:
        raise ValueError(f"{path}: schema {result.schema} is newer than this ovtui; update it")
    return result
