"""Tokenizers as OpenVINO models, for runtimes without Python such as openvino-genai's pipelines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import openvino as ov

from ovtui.core.text.errors import SourceError
from ovtui.engine.models.openvino_errors import telling_line
from ovtui.engine.models.processors import load_tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

TOKENIZER, DETOKENIZER = "openvino_tokenizer.xml", "openvino_detokenizer.xml"
_PROBES = ("What is 1 + 2?", " over the lazy dog", "Zürich, naïve — déjà vu")


def convert_tokenizers(model_folder: Path, out: Path) -> str | None:
    """Writes a model's tokenizer, and what turns its tokens to text, as IRs into a folder.

    They are compared with the tokenizer itself on a few texts, and not written where they differ.
    From then on this process' `ov.Core` objects know the operations of tokenizers.

    Args:
        model_folder: a Hugging Face model's.
        out: an existing folder.

    Returns:
        Why it was not done; None where it was.
    """
    try:
        tokenizer = load_tokenizer(model_folder)
    except SourceError as error:
        return str(error)
    from openvino_tokenizers import convert_tokenizer

    try:
        into, back = convert_tokenizer(tokenizer, with_detokenizer=True)
        different = _difference(tokenizer, into, back)
    except Exception as error:  # the library's own, and those of the operations that it writes
        return f"{model_folder}: its tokenizer cannot be converted: {telling_line(error)}"
    if different:
        return f"{model_folder}: its tokenizer, converted, reads {different!r} otherwise"
    ov.save_model(into, out / TOKENIZER)
    ov.save_model(back, out / DETOKENIZER)
    return None


def _difference(tokenizer: PreTrainedTokenizerBase, into: ov.Model, back: ov.Model) -> str | None:
    """A text that the converted tokenizer reads otherwise, or does not give back."""
    core = ov.Core()
    reads, writes = (core.compile_model(model, "CPU") for model in (into, back))
    for text in _PROBES:
        expected = tokenizer(text)["input_ids"]
        ids = reads([text])["input_ids"]
        if ids[0].tolist() != expected:
            return text
        if str(writes(ids)[0][0]) != tokenizer.decode(expected, skip_special_tokens=True):
            return text
    return None
