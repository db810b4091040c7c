"""What a run found out about time: latency, throughput and answers of a real length."""

from __future__ import annotations

import statistics

import msgspec

from ovtui.core.statistics.blocks import percentile


class Histogram(msgspec.Struct, frozen=True, kw_only=True):
    """How many requests took how long, up to the 99.5th percentile; later ones are left out."""

    edges_ms: list[float]
    """Of bins of equal width, one more than there are counts."""
    counts: list[int]


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds of single synchronous requests (`PERFORMANCE_HINT=LATENCY`)."""

    p50_ms: float
    mean_ms: float
    min_ms: float
    p90_ms: float
    p99_ms: float
    count: int
    ci95_p50_ms: tuple[float, float] | None
    """Of the median, from those of the blocks; absent where there is one block."""
    blocks_p50_ms: list[float] = []
    """Median of each interleaved block, in the order measured."""
    histogram: Histogram | None = None
    components: dict[str, dict[str, float]] = {}
    """Of a pipeline's parts: `p50_ms` of a call, `calls` for one answer, and `first_p50_ms` of the
    call that begins a sequence, where later ones go on with it."""
    tokens: int | None = None
    """Of a pipeline: the length of every answer that was timed."""


class TextLengths(msgspec.Struct, frozen=True, kw_only=True):
    """What a model of texts was timed on, end to end: a new length is a new shape to prepare for.

    Rows come again and again, or the first ones once more, so that lengths are seen again.
    """

    tokens: float
    """Of a row, on average, with the padding that the variant asks for."""
    distinct: int
    """Different lengths among the rows."""
    new_ms: float
    """Median of the answers whose length was new to the compiled model."""
    repeated_ms: float
    """Median of those whose length it had seen."""


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds from raw data to an answer: preparing, all components, reading the outputs."""

    p50_ms: float
    mean_ms: float
    p90_ms: float
    count: int
    lengths: TextLengths | None = None
    """Of texts with more than one length, where nothing was asked of the model before."""


class RealLengths(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds of a pipeline's answers that end where the model ends them, as in use.

    Each evaluation sample is answered once by every variant in turn, after the answers of a fixed
    length (`latency`), which are the same work for all: here, who says less is done sooner.
    """

    p50_ms: float
    mean_ms: float
    p90_ms: float
    count: int
    """Samples that were answered; the same ones by every variant."""
    tokens: float
    """Of an answer, on average, with those that begin and end it."""
    ci95_p50_ms: tuple[float, float] | None = None
    """Over the samples; absent where there is one."""
    samples_ms: list[float] = []
    """Of each sample, in the order of the evaluation."""


def span_of(milliseconds: list[float]) -> Span:
    """Summarizes the times of many answers, in ms."""
    ordered = sorted(milliseconds)
    return Span(
        p50_ms=percentile(ordered, 50),
        mean_ms=statistics.fmean(ordered),
        p90_ms=percentile(ordered, 90),
        count=len(milliseconds),
    )


class Throughput(msgspec.Struct, frozen=True, kw_only=True):
    """Inferences a second with asynchronous requests (`PERFORMANCE_HINT=THROUGHPUT`)."""

    per_second: float
    requests: int
    seconds: float
    batch: int = 1
    blocks_per_second: list[float] = []


class BatchThroughput(msgspec.Struct, frozen=True, kw_only=True):
    """Samples (not inferences) a second, with several in each asynchronous request."""

    batch: int
    samples_per_second: float
    requests: int
    seconds: float
    blocks_per_second: list[float] = []


class BatchSpeedup(msgspec.Struct, frozen=True, kw_only=True):
    """Throughput of a variant over the baseline's, both at this batch."""

    batch: int
    speedup: float
    ci95: tuple[float, float] | None = None
