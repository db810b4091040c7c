"""Texts padded to a multiple of tokens, and what a model gives of them without its padding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ovtui.engine.data.inputs import names_of
from ovtui.engine.data.spool import Arrays

if TYPE_CHECKING:
    import openvino as ov

MASK = "attention_mask"


class Padding(NamedTuple):
    """How the texts of a variant are padded."""

    pad: Callable[[Arrays, int], Arrays]
    """Pads a text's inputs, int64 [1, tokens], to so many tokens, or to all that the model takes;
    gives a text as it is where its tokenizer cannot pad."""
    bucket: int | None = None
    """Every text is padded to a multiple of it (`execution.bucket`); to none when None."""


class PaddedText(NamedTuple):
    """A text's inputs with padding."""

    inputs: Arrays
    """int64 [1, tokens]"""
    own: slice
    """Which of the tokens are the text's own: tokenizers pad at either side."""

    @property
    def tokens(self) -> int:
        """With those of the padding."""
        return int(self.inputs[MASK].shape[1])


def is_text(sample: Arrays) -> bool:
    """Returns whether a sample's arrays are those of one text: a mask, and all as long as it."""
    return MASK in sample and all(array.shape == sample[MASK].shape for array in sample.values())


def takes_padding(ports: Sequence[ov.Output]) -> bool:
    """Returns whether a model takes any number of texts of any length, and is told of padding.

    Args:
        ports: its inputs.
    """
    shapes = [port.get_partial_shape() for port in ports]
    free = all(it.rank.is_static and all(axis.is_dynamic for axis in it) for it in shapes)
    return free and any(MASK in names_of(port) for port in ports)


def next_multiple(tokens: int, multiple: int) -> int:
    """Returns the smallest whole number of `multiple` that `tokens` fit into."""
    return -(-tokens // multiple) * multiple


def padded(sample: Arrays, tokens: int, padding: Padding) -> PaddedText:
    """Returns a text with padding.

    Args:
        sample: its inputs, int64 [1, tokens].
        tokens: to pad to.
        padding: how.
    """
    length = sample[MASK].shape[1]
    inputs = padding.pad(sample, tokens) if tokens > length else sample
    total = inputs[MASK].shape[1]
    first = 0 if inputs[MASK][0, 0] else total - length
    return PaddedText(inputs, slice(first, first + length))


def without_padding(output: np.ndarray, port: ov.Output, text: PaddedText) -> np.ndarray:
    """Returns an output without what it says of padding.

    Args:
        output: of the padded text, of any shape, with a batch axis of one.
        port: the same output of the model as it is written: axes of a fixed size count no tokens.
        text: what was inferred.
    """
    shape = port.get_partial_shape()
    if shape.rank.is_dynamic or len(shape) != output.ndim:
        return output
    return output[
        tuple(
            text.own if at and axis.is_dynamic and output.shape[at] == text.tokens else slice(None)
            for at, axis in enumerate(shape)
        )
    ]


def infer_padded(
    infer: Callable[[Arrays], list[np.ndarray]],
    sample: Arrays,
    ports: Sequence[ov.Output],
    padding: Padding | None,
) -> list[np.ndarray]:
    """Infers one sample as a variant's execution asks for it: a text padded, where it has a bucket.

    Args:
        infer: gives a model's outputs for a sample's inputs.
        sample: by input.
        ports: the model's outputs.
        padding: of the variant.

    Returns:
        The outputs, in the model's order, without padding.
    """
    if padding is None or padding.bucket is None or not is_text(sample):
        return infer(sample)
    text = padded(sample, next_multiple(sample[MASK].shape[1], padding.bucket), padding)
    outputs = infer(text.inputs)
    return [without_padding(it, port, text) for it, port in zip(outputs, ports, strict=True)]
