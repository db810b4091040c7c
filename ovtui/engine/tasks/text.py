"""From texts to token ids, as the model's own tokenizer does it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ovtui.core.text.errors import SourceError
from ovtui.engine.data.rows import Unusable, is_missing
from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import Arrays
from ovtui.engine.hub.model_config import read_object
from ovtui.engine.models.padding import Padding
from ovtui.engine.models.processors import load_tokenizer
from ovtui.engine.models.sources import named_configuration
from ovtui.engine.tasks import Task

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

UNLIMITED = 1_000_000
"""Tokenizers that know no limit say a number beyond any."""


class Text(Task):
    """What tasks share whose input is text: of its own length, never padded but to measure."""

    dynamic: ClassVar[Mapping[str, tuple[int, ...]]] = {
        name: (0, 1) for name in ("input_ids", "attention_mask", "token_type_ids")
    }
    shown: ClassVar[tuple[str, ...]]
    """Columns that a person sees."""
    together: ClassVar[tuple[str, ...]]
    """Columns that one call of the model reads."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._lock = threading.Lock()
        """Setting up a tokenizer, or how it cuts, is not safe in threads."""
        self._loaded: PreTrainedTokenizerBase | None = None

    def tokens(self, *texts: str) -> Arrays:
        """Returns the token ids and masks of a text or of a pair, int64 [1, tokens], cut at the
        limit.

        Raises:
            SourceError: the model has no tokenizer that can be loaded, or a lower limit than the
                recipe asks for.
        """
        with self._lock:
            tokenizer = self._tokenizer()
            encoded = tokenizer(*texts, truncation=True, max_length=self._limit(tokenizer))
        return {name: np.array([ids], dtype=np.int64) for name, ids in encoded.items()}

    def processed(self, row: Row) -> Arrays:
        texts = (text_of(row, name) for name in self.together if name in row)
        with self._lock:
            tokenizer = self._tokenizer()
            limit = self._limit(tokenizer)
            encoded = tokenizer(*texts, truncation=True, max_length=limit, return_tensors="np")
        return dict(encoded)

    def padded(self, inputs: Arrays, tokens: int) -> Arrays:
        """Returns a text's inputs with the tokenizer's own padding, as `models.padding` takes them.

        Args:
            inputs: int64 [1, tokens].
            tokens: to pad to; what the model does not take is left out.
        """
        with self._lock:
            tokenizer = self._tokenizer()
            length = max(map(np.size, inputs.values()))
            total = max(length, min(tokens, self._limit(tokenizer)))
            if total == length or tokenizer.pad_token_id is None:
                return inputs
            return _padded(tokenizer, {name: it[0].tolist() for name, it in inputs.items()}, total)

    def at_length(self, inputs: Arrays, tokens: int) -> Arrays:
        with self._lock:
            tokenizer = self._tokenizer()
            limit = self._limit(tokenizer)
            if tokens > limit:
                raise SourceError(f"measure.tokens: {tokens}, but texts are cut at {limit} tokens")
            if tokenizer.pad_token_id is None:
                raise SourceError("measure.tokens: the model's tokenizer has no token to pad with")
            cut = {name: array[0, :tokens].tolist() for name, array in inputs.items()}
            return _padded(tokenizer, cut, tokens)

    def doubts(self, row: Row) -> list[str]:
        given = [name for name in self.shown if name in row]
        calls = [given] if self.together == self.shown else [[name] for name in given]
        with self._lock:
            tokenizer = self._tokenizer()
            limit = self._limit(tokenizer)
            return [
                words
                for names in calls
                if (words := cut_short(tokenizer, names, [row[name] for name in names], limit))
            ]

    def words(self, row: Row) -> Row:
        return {name: str(row[name]) for name in self.shown if name in row}

    def show(self, row: Row, folder: Path, name: str) -> Row:
        return self.words(row)

    def _limit(self, tokenizer: PreTrainedTokenizerBase) -> int:
        """Tokens that the model takes at most, or fewer where the recipe says so."""
        model = min(int(tokenizer.model_max_length), positions_of(self.model_folder))
        asked = self.data.tokens.max_length
        if asked is not None and asked > model:
            raise SourceError(
                f"data.tokens.max_length: {asked}, but the model takes at most {model} tokens"
            )
        if asked is None and model >= UNLIMITED:
            raise SourceError("data.tokens.max_length: the model names no limit; give one")
        return asked or model

    def _tokenizer(self) -> PreTrainedTokenizerBase:
        if self._loaded is None:
            settings = named_configuration(self.recipe, self.model_folder)
            self._loaded = load_tokenizer(self.model_folder, settings)
        return self._loaded


def _padded(
    tokenizer: PreTrainedTokenizerBase, ids: Mapping[str, list[int]], tokens: int
) -> Arrays:
    """A text's ids and masks with so many tokens, int64 [1, tokens]."""
    filled = tokenizer.pad(dict(ids), padding="max_length", max_length=tokens)
    return {name: np.array([values], dtype=np.int64) for name, values in filled.items()}


def padding_of(task: Task, bucket: int | None = None) -> Padding | None:
    """Returns how a task's texts are padded; None where it takes none.

    Args:
        task: of the run.
        bucket: multiple of tokens that a variant asks for.
    """
    return Padding(task.padded, bucket) if isinstance(task, Text) else None


def text_of(row: Row, column: str) -> str:
    """Returns the text of a row's column.

    Raises:
        Unusable: there is none.
        SourceError: what is there is no text.
    """
    text = row[column]
    if is_missing(text):
        raise Unusable(f"{column}: is {'empty' if isinstance(text, str) else 'missing'}")
    if not isinstance(text, str):
        raise SourceError(f"{column}: expected a text, found {type(text).__name__} {text!r:.40}")
    return text


def cut_short(
    tokenizer: PreTrainedTokenizerBase, names: Sequence[str], texts: Sequence[str], limit: int
) -> str:
    """Returns what a person should know of texts that are cut; empty where they are read whole.

    Args:
        tokenizer: of the model.
        names: of the columns.
        texts: a text for each, which the model reads together.
        limit: tokens that it reads at most.
    """
    tokens = len(tokenizer(*texts, verbose=False)["input_ids"])
    if tokens <= limit:
        return ""
    return f"{' and '.join(names)}: {tokens} tokens, cut at {limit}: the models read no more of it"


def positions_of(folder: Path | None) -> int:
    """Returns how many tokens a model has positions for; a large number where it does not say.

    Args:
        folder: of the model.
    """
    if folder is None:
        return UNLIMITED
    try:
        table = read_object(folder / "config.json")
        named = table.get("max_position_embeddings") or table.get("n_positions")  # as GPT-2 has it
        return int(named or UNLIMITED)
    except (SourceError, ValueError, TypeError, OverflowError):
        return UNLIMITED  # a damaged configuration is told of when the model is loaded
