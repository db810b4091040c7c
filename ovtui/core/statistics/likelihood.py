"""What is told of the likelihood of tokens: how two language models differ on the same text."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from ovtui.core.statistics.blocks import percentile


class Divergence(msgspec.Struct, frozen=True, kw_only=True):
    """How far a model's predictions are from the baseline's, token by token.

    Named as llama.cpp's perplexity tool names them. Its scores leave out the first half of each
    chunk; these are of every token that another one comes before.
    """

    tokens: int
    mean: float
    """Of the Kullback-Leibler divergence of the model's distribution from the baseline's, in nats
    a token, as all that follows."""
    median: float
    p99: float
    p999: float
    largest: float
    same_top: float
    """Share of tokens where both find the same one likeliest."""
    rms_shift: float
    """Root of the mean square of the change of the right token's probability."""


def divergence(
    nats: Sequence[float], same: Sequence[bool], shifts: Sequence[float]
) -> Divergence | None:
    """Returns what is told of all tokens; None where there are none.

    Args:
        nats: sum over the vocabulary of p log(p / q), for each token: p is the baseline's
            probability, q the model's (Kullback & Leibler 1951).
        same: whether the likeliest token is the baseline's, for each token.
        shifts: the right token's probability minus the baseline's, for each token.
    """
    if not nats:
        return None
    ordered, count = sorted(nats), len(nats)
    return Divergence(
        tokens=count,
        mean=math.fsum(nats) / count,
        median=percentile(ordered, 50),
        p99=percentile(ordered, 99),
        p999=percentile(ordered, 99.9),
        largest=ordered[-1],
        same_top=sum(same) / count,
        rms_shift=math.sqrt(math.fsum(shift * shift for shift in shifts) / count),
    )
