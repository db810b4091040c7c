"""A variant of a model as `result.json` tells of it: its components, speed, accuracy, agreement."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from ovtui.core.results.speeds import BatchThroughput, Latency, RealLengths, Span, Throughput
from ovtui.core.results.sweep import Sweep

WhyUnchanged = Literal["", "nothing to compress", "compressed already"]

_INDICES = ("i32", "i64")
"""What ids and shapes are computed in, whatever the weights are."""
_COLLAPSED = 0.5
"""Agreement below which a model is broken: INT8 Whisper-base, whose word error rate rises by 0.04,
keeps nine words in ten, and an RT-DETR that finds nothing any more has 0."""
_NOTABLE_SHARE = 0.02
"""A precision that takes less of the time than this is not what a variant runs in."""


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a variant: its compression method and its bytes on disk."""

    name: str
    method: str
    xml_bytes: int
    bin_bytes: int
    reverted: list[str] = []
    """Operations that accuracy control put back to floating point."""
    kept: list[str] = []
    """Operations that stayed in floating point since they attend to a state: `keep_attention`."""
    kept_heads: list[str] = []
    """Operations that stayed in floating point since a detector's last convolutions are before
    them: `keep_heads`."""
    kept_decoder: list[str] = []
    """Operations that stayed in floating point since a detector's queries are calculated there:
    `keep_decoder`."""
    weight_bits: dict[str, float] = {}
    """Share of the weights by mode, as in `int4_sym`, where only weights were compressed; `float`
    for those that are not: biases and other vectors are not counted."""
    awq_layers: tuple[int, int] | None = None
    """How many layers AWQ scaled, and how many have few bits; absent where it was not asked for."""
    unchanged: WhyUnchanged = ""
    """Why the method changed nothing, and the files are the baseline's."""
    digest: str = ""
    """Equal for files that calculate the same: of the graph and its weights, not of what the
    graph's file says of how it was made."""

    @property
    def compressed(self) -> bool:
        """Whether a method was asked for, other than to leave it as it was converted."""
        return self.method != "none"


class SelfCheck(msgspec.Struct, frozen=True, kw_only=True):
    """How samples were inferred, and whether a fresh request for each alone gives the same.

    Differences are relative to an output's largest value. What rounding explains counts as equal: a
    difference of 1e-4 where all is calculated in f32, and of one step of 8 bits elsewhere.
    """

    way: str
    """`batches of 8`, those of texts `of like length` (padded) or `of equal length`, `one by one`
    (requests are used again) or `a fresh request each`."""
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
    parts: dict[str, float] = {}
    """What is told beside the value, as average precision at an IoU of 0.5: by its name."""
    classes: dict[str, float] = {}
    """The same metric of each class alone, by its name, where it is made of these."""
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


class FirstAgreement(msgspec.Struct, frozen=True, kw_only=True):
    """How alike a variant and the baseline answer a few samples, directly after compressing.

    Nearer than `Agreement.value` to how much of an answer is left: of texts the share of words, of
    objects the share that both find, of vectors their cosine, of masks the mean IoU, of a language
    model the share of tokens with the same likeliest one; of a class whether it is the same.
    """

    samples: int
    value: float
    """Mean over the samples that either says anything of, 0 to 1."""
    in_floating_point: float | None = None
    """The same of the file executed without the device's kernels for few bits: looked at where
    `value` is low, and the device can do it."""

    @property
    def collapsed(self) -> bool:
        """Less than half of the answers is left."""
        return self.value < _COLLAPSED

    @property
    def broken_by_device(self) -> bool:
        """The file is right: the device's own kernels lose what it says."""
        return self.collapsed and (self.in_floating_point or 0.0) >= _COLLAPSED


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
    beside_pytorch: bool = False
    """The weights of 32 bits are those of PyTorch's model, which was run anyway."""


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
    bits_per_weight: float | None = None
    """Of the `.bin` files, scales and biases too, over the number of the model's weights."""
    latency: Latency | None = None
    throughput: Throughput | None = None
    batched: list[BatchThroughput] = []
    """Throughput at larger batches, where the recipe asks for it."""
    sweep: Sweep | None = None
    """Throughput over streams, batches and threads, where the recipe asks for it."""
    end_to_end: Span | None = None
    reading: Span | None = None
    """The part of `end_to_end` from the graph's outputs to an answer, as decoding boxes and NMS."""
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
    first_agreement: FirstAgreement | None = None
    """Of a compressed variant: found before all samples are evaluated."""
    self_check: SelfCheck | None = None
    """Of how accuracy was evaluated; nothing of PyTorch's own model."""
    parameters: dict[str, Any] = {}
    """The recipe's compression parameters by component."""
    same_files_as: str = ""
    """An earlier variant whose files calculate the same: a choice counts the two as one."""

    @property
    def compressed(self) -> bool:
        """Some of its components are not as they were converted."""
        return any(component.compressed for component in self.components)

    @property
    def bin_bytes(self) -> int:
        """Of all components: the weights without the graphs."""
        return sum(component.bin_bytes for component in self.components)

    @property
    def runs_in(self) -> str:
        """The precisions that it runs in, as in `i8+f32`: those that take notable time.

        Where their shares are not known, the one that floating point was compiled for.
        """
        shares = sorted(self.executed_precision.items(), key=lambda item: -item[1])
        notable = [
            name for name, share in shares if share >= _NOTABLE_SHARE and name not in _INDICES
        ]
        return "+".join(notable) or str(self.execution.get("inference_precision", ""))
