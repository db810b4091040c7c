"""What all blocks of a variant come to: a latency, a throughput, answers at their own length."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

from ovtui.core.results.histogram import histogram
from ovtui.core.results.speeds import Latency, RealLengths, Throughput
from ovtui.core.statistics.blocks import median_interval, percentile
from ovtui.engine.measuring.messages import LatencyBlock, Loaded, RealAnswer, ThroughputBlock


def latency_of(blocks: list[LatencyBlock], tokens: int | None) -> Latency:
    """Returns the latency of all requests, in milliseconds.

    Args:
        blocks: in the order measured; at least one.
        tokens: length of each answer of a pipeline; None for a single graph.
    """
    ordered = sorted(value for block in blocks for value in block.latencies_ms)
    medians = [percentile(sorted(block.latencies_ms), 50) for block in blocks]
    return Latency(
        p50_ms=percentile(ordered, 50),
        mean_ms=fmean(ordered),
        min_ms=ordered[0],
        p90_ms=percentile(ordered, 90),
        p99_ms=percentile(ordered, 99),
        count=len(ordered),
        ci95_p50_ms=median_interval(medians),
        blocks_p50_ms=medians,
        histogram=histogram(ordered),
        components={name: _component(blocks, name) for name in blocks[0].components_ms},
        tokens=tokens,
    )


def real_lengths_of(answers: Sequence[RealAnswer]) -> RealLengths:
    """Returns the milliseconds of answers that end where the model ends them; at least one."""
    taken = [answer.milliseconds for answer in answers]
    ordered = sorted(taken)
    return RealLengths(
        p50_ms=percentile(ordered, 50),
        mean_ms=fmean(taken),
        p90_ms=percentile(ordered, 90),
        count=len(taken),
        tokens=fmean(answer.tokens for answer in answers),
        ci95_p50_ms=median_interval(taken),
        samples_ms=taken,
    )


def _component(blocks: list[LatencyBlock], name: str) -> dict[str, float]:
    """A component's median of a call, and of one that begins a sequence; calls for each answer."""
    calls = sorted(value for block in blocks for value in block.components_ms[name])
    first = sorted(value for block in blocks for value in block.first_calls_ms.get(name, ()))
    answers = sum(len(block.latencies_ms) for block in blocks)
    values = {"p50_ms": percentile(calls, 50), "calls": (len(calls) + len(first)) / answers}
    return values | ({"first_p50_ms": percentile(first, 50)} if first else {})


def throughput_of(blocks: Sequence[ThroughputBlock], loaded: Loaded) -> Throughput:
    """Returns the inferences a second over all blocks, of which there is at least one.

    Args:
        blocks: in the order measured.
        loaded: says how many requests worked, and the batch of each.
    """
    seconds = math.fsum(block.seconds for block in blocks)
    return Throughput(
        per_second=sum(block.count for block in blocks) / seconds,
        requests=loaded.requests,
        seconds=seconds,
        batch=loaded.batch,
        blocks_per_second=[block.count / block.seconds for block in blocks],
    )
