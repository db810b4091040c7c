"""How likely variants find the evaluation's texts, beside the baseline: token by token.

Baseline and variant read the same piece of a text one after the other, and what they say of it is
compared before the next: however many tokens there are, no more than a piece's logits are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from ovtui.core.recipes.placed_recipe import PlacedRecipe
from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.statistics.likelihood import Divergence, divergence
from ovtui.engine.data.rows import Rows
from ovtui.engine.data.spool import Spool, SpoolWriter
from ovtui.engine.evaluation.teacher_forced import Reader, read_with_openvino, read_with_pytorch
from ovtui.engine.store.cache import Cache, content_key
from ovtui.engine.store.progress import Journal, Step
from ovtui.engine.store.stage_work import Evaluation, Inference
from ovtui.engine.tasks.answers import Likelihood
from ovtui.engine.tasks.text_generation import TextGeneration

_KIND, _SPOOL = "likelihoods", "tokens"
_LAYOUT = 1
"""Of what is kept: another number keeps older ones from being found."""


_LARGE = 1e4
"""Stands for infinity: a logit beyond all others, of which sums are numbers still."""


def likelihoods(
    work: Evaluation, task: TextGeneration, rows: Rows, journal: Journal
) -> dict[str, list[Likelihood]]:
    """Returns what each variant says of each row's tokens, the baseline first.

    Args:
        work: the variants.
        task: says which tokens of a row count.
        rows: of the evaluation.
        journal: where progress goes.

    Raises:
        SourceError: a model cannot be compiled, or is no language model.
    """
    baseline, cache = work.inferences[0], Cache(Path(work.cache), journal.warn)
    texts: dict[str, list[Likelihood]] = {}
    read: Reader | None = None
    for inference in work.inferences:
        key = content_key(layout=_LAYOUT, baseline=baseline.key, variant=inference.key)
        folder = cache.find(_KIND, key)
        if folder is None:
            read = read or reader_of(baseline, work, work.device)
            other = read if inference is baseline else reader_of(inference, work, work.device)
            folder = cache.begin(journal.run, _KIND, key)
            step = journal.step(f"{inference.variant}, tokens", len(rows))
            _write(_compared(read, other, task, rows, step), folder)
            folder = cache.commit(folder, _KIND, key)
        texts[inference.variant] = [Likelihood(**arrays) for arrays in Spool(folder, _SPOOL)]
    return texts


def divergence_of(texts: Sequence[Likelihood]) -> Divergence | None:
    """Returns how far a variant is from the baseline over all tokens; None where there are none."""
    nats, same, shift = (
        np.concatenate([getattr(text, name) for text in texts]).tolist()
        for name in ("nats", "same", "shift")
    )
    return divergence(nats, same, shift)


def equally_likely(baseline: Sequence[Likelihood], variant: Sequence[Likelihood]) -> bool:
    """Returns whether each token of all texts is as likely for both, to the last bit.

    Args:
        baseline: of each text.
        variant: of the same texts.
    """
    pairs = zip(baseline, variant, strict=True)
    return all(np.array_equal(one.lost, other.lost) for one, other in pairs)


def reader_of(inference: Inference, asked: PlacedRecipe, device: str) -> Reader:
    """Returns what reads texts with a variant.

    Args:
        inference: of the variant; PyTorch's has no files.
        asked: the recipe, for its own model.
        device: OpenVINO device.

    Raises:
        SourceError: the model cannot be loaded or compiled, or is no language model.
    """
    if not inference.models:
        return read_with_pytorch(asked)
    return read_with_openvino(Path(inference.models[WHOLE_MODEL]), device, inference.properties)


def _compared(
    baseline: Reader, variant: Reader, task: TextGeneration, rows: Rows, step: Step
) -> Iterator[Likelihood]:
    for position in range(len(rows)):
        yield compare(baseline, variant, task.scored(rows[position]))
        step.advance()
    step.finish()


def _write(texts: Iterator[Likelihood], folder: Path) -> None:
    with SpoolWriter(folder, _SPOOL) as writer:
        for text in texts:
            writer.append(text._asdict())


def compare(baseline: Reader, variant: Reader, ids: np.ndarray) -> Likelihood:
    """Returns what a variant says of a text beside the baseline.

    Args:
        baseline: reads the text.
        variant: reads it as well; the same object where it is the baseline.
        ids: the text's tokens, int64 [1, tokens].
    """
    pieces, place = [], 1
    theirs = baseline(ids)
    ours = None if variant is baseline else variant(ids)
    for want in theirs:
        got = None if ours is None else next(ours)
        following = ids[0, place : place + len(want)]
        pieces.append(compare_logits(want, got, following))
        place += len(want)
    return Likelihood(*(np.concatenate(parts) for parts in zip(*pieces, strict=True)))


def compare_logits(
    baseline: np.ndarray, variant: np.ndarray | None, following: np.ndarray
) -> Likelihood:
    """Returns the same of a piece.

    Args:
        baseline: its logits, float32 [tokens or one more, vocabulary].
        variant: its logits; None of the baseline itself.
        following: the token that comes after each, int64 [tokens].
    """
    baseline = baseline[: len(following)]
    variant = baseline if variant is None else variant[: len(following)]
    want = _log_probabilities(baseline)
    got = want if variant is baseline else _log_probabilities(variant)
    rows = np.arange(len(following))
    before, after = want[rows, following], got[rows, following]
    # Rounding makes the divergence of equal distributions a few 1e-8, of either sign.
    nats = np.sum(np.exp(want) * (want - got), axis=1, dtype=np.float64).clip(min=0)
    return Likelihood(
        lost=-after,
        nats=nats.astype(np.float32),
        same=(baseline.argmax(axis=1) == variant.argmax(axis=1)).astype(np.float32),
        shift=np.exp(after) - np.exp(before),
    )


def _log_probabilities(logits: np.ndarray) -> np.ndarray:
    """Logarithms of softmax, float32 [tokens, vocabulary]; what is no number is as good as 0."""
    finite = np.nan_to_num(logits, nan=0.0, posinf=_LARGE, neginf=-_LARGE)
    shifted = finite - finite.max(axis=1, keepdims=True)
    sums = np.exp(shifted).sum(axis=1, keepdims=True, dtype=np.float64)
    below: np.ndarray = shifted - np.log(sums).astype(np.float32)
    return below
