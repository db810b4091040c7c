"""Language models: a text, how likely a model finds it, and how it goes on."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.core.recipes.task_info import Compares
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.rows import Unusable
from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import Arrays
from ovtui.engine.models.processors import load_tokenizer
from ovtui.engine.tasks.answers import TextAnswer
from ovtui.engine.tasks.generation import texts_of
from ovtui.engine.tasks.text import UNLIMITED, positions_of, text_of
from ovtui.engine.tasks.text_to_text import TextToText

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, ProcessorMixin

NEW_TOKENS = 32
"""Of an answer where neither recipe nor model says: transformers would count the prompt, too."""
_SHOWN = 6
"""Tokens, at least, of what conversion sees: two calls of three, the second one with a past."""


class TextGeneration(TextToText):
    """Texts; each may have the right continuation, or several."""

    def own_paths(self, model: PreTrainedModel) -> dict[str, str]:
        return {WHOLE_MODEL: ""}

    def load_processor(self) -> ProcessorMixin:
        return load_tokenizer(self.model_folder)

    def cut(self) -> dict[str, bool | int]:
        limit = self._limit()
        return {"truncation": True, "max_length": limit} if limit < UNLIMITED else {}

    def inputs(self, row: Row) -> Arrays:
        ids = self._ids(self.prompted("text", text_of(row, "text")))
        if self._limit() < UNLIMITED:
            ids = ids[: max(1, self._limit() - self._new_tokens)]  # the answer has to fit as well
        if not ids:
            raise Unusable("text: has no tokens")
        tokens = np.array([ids], dtype=np.int64)
        return {"input_ids": tokens, "attention_mask": np.ones_like(tokens)}

    def processed(self, row: Row) -> Arrays:
        return self.inputs(row)

    def scored(self, row: Row) -> np.ndarray:
        """Returns the tokens that a model is to find likely, one after the other.

        They are the row's text and its first right continuation, where it has one.

        Returns:
            int64 [1, tokens].

        Raises:
            Unusable: the row has no text.
        """
        text = self.prompted("text", text_of(row, "text"))
        continuation = next(iter(self.reference(row)), "")
        return np.array([self._ids(text + continuation)], dtype=np.int64)

    def shown(self, inputs: Arrays) -> tuple[Arrays, dict[str, int]]:
        ids = inputs["input_ids"]
        tokens = np.resize(ids, (1, max(_SHOWN, min(ids.shape[1], 8 * _SHOWN))))
        seen = {"input_ids": tokens, "attention_mask": np.ones_like(tokens)}
        return seen, {"prefill_chunk_size": tokens.shape[1] // 2}

    def generate(
        self, model: PreTrainedModel, inputs: Mapping[str, torch.Tensor], **limits: object
    ) -> torch.Tensor:
        # A token that is drawn at random is no fault of a variant.
        how = {"do_sample": False, "max_new_tokens": self._new_tokens}
        if "logits_to_keep" in inspect.signature(model.forward).parameters:
            how["logits_to_keep"] = 0  # logits of each token, as other runtimes expect them
        with _every_mask(model):
            tokens = super().generate(model, inputs, **how | limits)
        return tokens[:, inputs["input_ids"].shape[1] :]

    def generate_untouched(
        self, model: PreTrainedModel, inputs: Mapping[str, torch.Tensor], **limits: object
    ) -> torch.Tensor:
        return super().generate_untouched(model, inputs, **{"do_sample": False} | limits)

    def reference(self, row: Row) -> list[str]:
        return texts_of(row["target"], "target", "text") if "target" in row else []

    def name_reference(self, reference: list[str]) -> list[str] | None:
        return reference or None

    def part(self, prediction: TextAnswer, what: Compares) -> object:
        return prediction["likelihood"] if what == "likelihoods" else super().part(prediction, what)

    @property
    def _new_tokens(self) -> int:
        return self.recipe.generation.max_new_tokens or NEW_TOKENS

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self.processor(text, **self.cut())["input_ids"]
        return ids

    def _limit(self) -> int:
        """Tokens that the model takes at most, or fewer where the recipe says so."""
        model = min(int(self.processor.model_max_length), positions_of(self.model_folder))
        asked = self.data.tokens.max_length
        if asked is not None and asked > model:
            raise SourceError(
                f"data.tokens.max_length: {asked}, but the model takes at most {model} tokens"
            )
        return asked or model


@contextmanager
def _every_mask(model: PreTrainedModel) -> Iterator[None]:
    """Has every call say which tokens count; transformers leaves the mask out where all do.

    A graph that was traced without one would take no padding, and no several tokens after others.
    """
    from transformers import Cache

    theirs = model.prepare_inputs_for_generation

    @functools.wraps(theirs)
    def prepare(*arguments: object, **named: object) -> Mapping[str, object]:
        inputs = theirs(*arguments, **named)
        if inputs.get("attention_mask") is None:
            cache = next((it for it in inputs.values() if isinstance(it, Cache)), None)
            past = 0 if cache is None else int(cache.get_seq_length())
            rows, tokens = inputs["input_ids"].shape
            inputs["attention_mask"] = inputs["input_ids"].new_ones(rows, past + tokens)
        return inputs

    model.prepare_inputs_for_generation = prepare
    try:
        yield
    finally:
        del model.prepare_inputs_for_generation
