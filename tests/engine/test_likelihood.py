"""Perplexity, divergence and the rest, against torch's own functions on the same logits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from ovtui.core.results.compare import compare_outcomes, reduce_outcomes
from ovtui.core.statistics.likelihood import divergence
from ovtui.engine.evaluation.likelihood import (
    compare,
    compare_logits,
    divergence_of,
    equally_likely,
)
from ovtui.engine.evaluation.metrics import open_metric
from ovtui.engine.evaluation.teacher_forced import Reader
from ovtui.engine.tasks.answers import Likelihood

TOKENS, WORDS = 40, 300


def logits(seed: int, noise: float = 0.0) -> np.ndarray:
    random = np.random.default_rng(0)
    drawn = random.normal(0, 3, (TOKENS, WORDS))
    return (drawn + noise * np.random.default_rng(seed).normal(0, 1, drawn.shape)).astype(
        np.float32
    )


def reader(given: np.ndarray, size: int) -> Reader:
    def read(ids: np.ndarray) -> Iterator[np.ndarray]:
        for start in range(0, ids.shape[1], size):
            yield given[start : start + size]

    return read


@pytest.fixture
def ids() -> np.ndarray:
    return np.random.default_rng(1).integers(0, WORDS, (1, TOKENS))


@pytest.mark.parametrize("size", [TOKENS, 7, 1])
def test_what_is_said_of_tokens_is_what_torch_computes(ids: np.ndarray, size: int) -> None:
    want, got = logits(0), logits(1, noise=0.5)
    text = compare(reader(want, size), reader(got, size), ids)
    before, after = (torch.from_numpy(it[:-1]).double().log_softmax(-1) for it in (want, got))
    right = torch.from_numpy(ids[0, 1:])
    lost = functional.nll_loss(after, right, reduction="none")
    nats = functional.kl_div(after, before, log_target=True, reduction="none").sum(-1)
    shift = (after.exp() - before.exp()).gather(1, right[:, None])[:, 0]
    assert text.lost == pytest.approx(lost.numpy(), rel=1e-5)
    assert text.nats == pytest.approx(nats.numpy(), rel=1e-4)
    assert text.shift == pytest.approx(shift.numpy(), abs=1e-6)
    assert text.same.tolist() == (before.argmax(-1) == after.argmax(-1)).float().tolist()
    assert 0 < text.same.mean() < 1

    outcomes = [(float(text.lost.sum()), float(TOKENS - 1))]
    assert open_metric("perplexity", Path()).value([text], [None]) == pytest.approx(
        float(lost.mean().exp()), rel=1e-5
    )
    assert reduce_outcomes("perplexity", outcomes) == pytest.approx(float(lost.mean().exp()))
    assert open_metric("kl-divergence", Path()).value([text], [None]) == pytest.approx(
        float(nats.mean()), rel=1e-4
    )
    assert open_metric("same-top-token", Path()).value([text], [None]) == text.same.mean()

    found = divergence_of([text, text])
    assert found is not None and found.tokens == 2 * (TOKENS - 1)
    assert found.mean == pytest.approx(float(nats.mean()), rel=1e-4)
    assert found.largest == pytest.approx(float(nats.max()), rel=1e-4)
    assert found.rms_shift == pytest.approx(float(shift.square().mean().sqrt()), rel=1e-4)
    twice = np.sort(np.concatenate([nats.numpy()] * 2))
    for value, share in ((found.median, 0.5), (found.p99, 0.99), (found.p999, 0.999)):
        assert value == pytest.approx(twice[math.ceil(len(twice) * share) - 1], rel=1e-4)


def test_a_model_is_no_distance_from_itself(ids: np.ndarray) -> None:
    read = reader(logits(0), 8)
    text = compare(read, read, ids)
    assert not text.nats.any() and not text.shift.any() and text.same.all()
    assert compare(read, read, ids[:, :1]).lost.shape == (0,)
    assert divergence([], [], []) is None


def test_texts_are_equally_likely_to_the_last_bit_alone() -> None:
    one = Likelihood(*(np.ones(3, np.float32) for _ in Likelihood._fields))
    other = one._replace(lost=np.nextafter(one.lost, np.float32(2)))
    assert equally_likely([one, one], [one, one])
    assert not equally_likely([one, one], [one, other])


def test_what_is_no_number_counts_as_a_guess() -> None:
    want, got = logits(0)[:3], logits(0)[:3].copy()
    got[1] = np.nan
    got[2, 5] = -np.inf
    text = compare_logits(want, got, np.array([3, 4, 5]))
    assert text.lost[1] == pytest.approx(math.log(WORDS), rel=1e-5)
    assert all(np.isfinite(part).all() for part in text) and text.lost[2] > 1000


def test_perplexities_of_equal_texts_are_compared_in_pairs() -> None:
    """A small change on all texts is seen though the texts differ by far more."""
    random = np.random.default_rng(2)
    tokens = random.integers(20, 60, 40)
    mean = random.normal(3, 0.5, 40)
    before = [(m * n, n) for m, n in zip(mean, tokens, strict=True)]
    after = [(m * n * 1.01, n) for m, n in zip(mean, tokens, strict=True)]
    paired = compare_outcomes("perplexity", before, after, higher_is_better=False, max_drop=0.05)
    value = math.exp(sum(b for b, _ in before) / tokens.sum())
    assert reduce_outcomes("perplexity", before) == pytest.approx(value)
    low, high = paired.delta_ci95
    assert 0 < low < paired.delta < high and paired.verdict == "fail"
    assert paired.worse == 40 and paired.better == 0


def test_no_tokens_have_no_loss() -> None:
    empty = Likelihood(*(np.zeros(0, np.float32) for _ in range(4)))
    assert open_metric("perplexity", Path()).value([empty], [None]) == 1
