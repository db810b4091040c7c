"""Texts of like length in one request, in the order of the data again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
import openvino as ov

from ovtui.engine.data.inputs import bind
from ovtui.engine.data.spool import Arrays
from ovtui.engine.evaluation.requests import Batch
from ovtui.engine.models.padding import (
    MASK,
    PaddedText,
    Padding,
    next_multiple,
    padded,
    without_padding,
)

MOST = 8
"""Texts in a batch: batches of 4 gain less. See `MULTIPLE`."""
MULTIPLE = 8
"""Tokens. Processor time of MRPC's pairs (19 to 97 tokens) on AVX2, one by one and in batches of 8
padded to multiples of 8: BERT of 2 layers of 128 5.0 and 2.2 ms a pair, BERT-base in f32 214 and
205, which is bound by arithmetic. Of equal length alone the first takes 3.1."""
_MOST_TOKENS = 1024
"""Of a batch with padding: beyond it attention's products fall out of the cache."""
_WINDOW = 512
"""Texts that are sorted among themselves: their outputs are in memory at once."""

Infer = Callable[[Iterable[Batch]], Iterator[dict[str, np.ndarray]]]
"""Gives each sample's outputs, in the order of the batches."""


def like_length(lengths: Sequence[int], most: int, multiple: int) -> list[list[int]]:
    """Returns which texts go into one batch: positions, the longest texts first.

    Args:
        lengths: in tokens; those of a batch have the next multiple in common.
        most: texts in a batch.
        multiple: of tokens, at least 1.
    """
    groups: dict[int, list[list[int]]] = {}
    for position in sorted(range(len(lengths)), key=lambda it: -lengths[it]):
        tokens = next_multiple(lengths[position], multiple)
        batches = groups.setdefault(tokens, [[]])
        if len(batches[-1]) == max(1, min(most, _MOST_TOKENS // tokens)):
            batches.append([])
        batches[-1].append(position)
    return [batch for batches in groups.values() for batch in batches]


class LikeLength:
    """Infers texts in batches of like length.

    Args:
        model: the file as an `ov.Model`, of which `takes_padding` holds.
        padding: how texts are padded.
        kept: indices of the outputs that are evaluated.
        infer: gives the outputs of batches.
    """

    def __init__(
        self, model: ov.Model, padding: Padding, kept: Sequence[int], infer: Infer
    ) -> None:
        self._inputs, self._outputs = model.inputs, model.outputs
        self._padding, self._kept, self._infer = padding, kept, infer

    def outputs(
        self, samples: Iterable[Arrays], most: int, multiple: int
    ) -> Iterator[dict[str, np.ndarray]]:
        """Yields each sample's outputs by their indices, without padding, in the samples' order.

        Args:
            samples: the texts' inputs.
            most: texts in a batch.
            multiple: of tokens that a batch is padded to; 1 leaves texts as they are, and those of
                one length alone are together.
        """
        left = iter(samples)
        while window := list(islice(left, _WINDOW)):
            lengths = [sample[MASK].shape[1] for sample in window]
            groups = like_length(lengths, most, multiple)
            texts: dict[int, PaddedText] = {}
            for group in groups:
                tokens = next_multiple(lengths[group[0]], multiple)
                texts |= {at: padded(window[at], tokens, self._padding) for at in group}
            rows = self._infer(self._batch([texts[at] for at in group]) for group in groups)
            order = (at for group in groups for at in group)
            outputs = dict(zip(order, rows, strict=True))
            yield from (self._own(outputs[at], texts[at]) for at in range(len(window)))

    def _batch(self, texts: Sequence[PaddedText]) -> Batch:
        bound = [bind(self._inputs, text.inputs) for text in texts]
        stacked = [np.concatenate(arrays) for arrays in zip(*bound, strict=True)]
        return Batch(stacked, len(texts), len(texts))

    def _own(self, outputs: dict[str, np.ndarray], text: PaddedText) -> dict[str, np.ndarray]:
        return {
            str(index): without_padding(outputs[str(index)], self._outputs[index], text)
            for index in self._kept
        }
