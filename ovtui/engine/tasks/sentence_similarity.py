"""Sentence similarity: two sentences in, the cosine of their embeddings out."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ovtui.core.results.prediction import NumbersPrediction
from ovtui.core.text.errors import SourceError
from ovtui.engine.comparison.nearness import cosine
from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import Arrays
from ovtui.engine.hub.model_config import modules_of, read_object
from ovtui.engine.tasks.answers import Similarity
from ovtui.engine.tasks.text import Text, text_of

_POOLING = {"mean": "pooling_mode_mean_tokens", "cls": "pooling_mode_cls_token"}
_SAME = 0.05
"""Similarities that differ by less are the same: a quarter of a step of STS-B's six grades."""


class SentenceSimilarity(Text):
    """Pairs of sentences with a score; each sentence is a call of the model."""

    shown = ("sentence1", "sentence2")
    together = ("sentence1",)

    def inputs(self, row: Row) -> Arrays:
        return self.calls(row)[0]

    def calls(self, row: Row) -> list[Arrays]:
        return [self.tokens(text_of(row, name)) for name in self.shown]

    def reference(self, row: Row) -> float:
        try:
            score = float(row["score"])
        except (TypeError, ValueError):
            raise SourceError(f"score {row['score']!r:.40}: expected a number") from None
        if not np.isfinite(score):
            raise SourceError(f"score {score}: expected a finite number")
        return score

    def predict(self, outputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Returns embeddings, float32 [hidden size], from token embeddings [samples, tokens, hidden
        size].

        Sentences are never padded, so that the mean over tokens is that over the attention mask.
        Whether embeddings are then normalised is no matter to their cosine.
        """
        hidden = outputs[0].astype(np.float32)
        if hidden.ndim == 2:  # the model pools by itself
            return list(hidden)
        return list(hidden[:, 0] if self._pooling == "cls" else hidden.mean(axis=1))

    def prediction(self, calls: Sequence[Sequence[np.ndarray]]) -> Similarity:
        one, other = (self.predict(outputs)[0] for outputs in calls)
        return {"similarity": cosine(one, other), "embeddings": np.concatenate([one, other])}

    def answer(self, prediction: Similarity) -> float:
        return float(prediction["similarity"])

    def vector(self, prediction: Similarity) -> np.ndarray:
        return np.asarray(prediction["embeddings"])

    def agrees(self, one: float, other: float) -> bool:
        return abs(one - other) < _SAME

    def likeness(self, one: Sequence[Similarity], other: Sequence[Similarity]) -> list[float]:
        """Returns the cosine between the embeddings of both sides, 0 for one that points away."""
        pairs = zip(map(self.vector, one), map(self.vector, other), strict=True)
        return [max(0.0, cosine(mine, theirs)) for mine, theirs in pairs]

    @property
    def sameness(self) -> str:
        return f"similarities differ by less than {_SAME}"

    def describe(self, prediction: Similarity) -> NumbersPrediction:
        return NumbersPrediction(values=[round(prediction["similarity"], 4)])

    @functools.cached_property
    def _pooling(self) -> str:
        return pooling_of(self.model_folder)


def pooling_of(folder: Path | None) -> str:
    """Returns `mean` or `cls`, as the files of a sentence-transformers model say; `mean` without
    these.

    Raises:
        SourceError: the model is pooled in another way, or its files are damaged.
    """
    path = _pooling_file(folder)
    if path is None:
        return "mean"
    table = read_object(path)
    named = [key for key, value in table.items() if key.startswith("pooling_mode_") and value]
    for name, key in _POOLING.items():
        if named == [key] or table.get("pooling_mode") == name:
            return name
    raise SourceError(
        f"{path}: pooling by {', '.join(named) or table.get('pooling_mode')} is not supported, "
        f"expected {' or '.join(_POOLING.values())}"
    )


def _pooling_file(folder: Path | None) -> Path | None:
    """Where `modules.json` says that pooling is configured."""
    if folder is None:
        return None
    names = [name for name, kind in modules_of(folder) if kind.endswith(".Pooling")]
    path = folder / names[0] / "config.json" if names else None
    known = path and path.is_file() and path.resolve().is_relative_to(folder.resolve())
    return path if known else None
