"""Zero-shot image classification: which of the candidate texts is a picture nearest to."""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ovtui.core.files.reading import JsonObject
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.pictures import for_processor, read_picture
from ovtui.engine.data.rows import Unusable
from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import Arrays
from ovtui.engine.hub.model_config import read_object
from ovtui.engine.models.processors import load_processor, load_tokenizer
from ovtui.engine.tasks.image_classification import ImageClassification

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_OUTPUTS = ("logits_per_image", "logits_per_text", "text_embeds", "image_embeds")
_LOCK = threading.RLock()
"""Setting up a tokenizer is not safe in threads."""


class ZeroShotImageClassification(ImageClassification):
    """Pictures, and one text for each candidate label; calibrated on pictures with captions."""

    dynamic = {"input_ids": (0, 1), "attention_mask": (0, 1)} | {
        name: (0,) for name in ("pixel_values", "pixel_attention_mask", "spatial_shapes")
    }
    shared = frozenset({"input_ids", "attention_mask"})
    evaluated = (0, 3)  # the others have no axis for the pictures

    @staticmethod
    def graph(model: PreTrainedModel) -> torch.nn.Module:
        """Returns a module from texts and pictures to similarities and embeddings, without nested
        records.
        """
        from ovtui.engine.models.wrapped import Wrapped

        class Similarities(Wrapped):
            def forward(
                self,
                input_ids: torch.Tensor,
                pixel_values: torch.Tensor,
                attention_mask: torch.Tensor | None = None,
                pixel_attention_mask: torch.Tensor | None = None,
                spatial_shapes: torch.Tensor | None = None,
            ) -> dict[str, torch.Tensor]:
                given = {
                    "attention_mask": attention_mask,
                    "pixel_attention_mask": pixel_attention_mask,
                    "spatial_shapes": spatial_shapes,
                }
                further = {name: value for name, value in given.items() if value is not None}
                outputs = self.model(input_ids=input_ids, pixel_values=pixel_values, **further)
                return {name: outputs[name] for name in _OUTPUTS}

        return Similarities(model)

    def inputs(self, row: Row) -> Arrays:
        texts = self._caption(row["caption"]) if "caption" in row else self._candidates()
        return {**texts, **super().inputs(row)}

    def processed(self, row: Row) -> Arrays | None:
        if super().processed(row) is None:
            return None
        picture = for_processor(read_picture(row["image"], self.folder), self._processor)
        texts = [self.data.prompt.replace("{label}", label) for label in self.labels or ()]
        with _LOCK:
            processor = load_processor(self.model_folder)
        padding = "max_length" if self._is_siglip else True
        return dict(processor(images=picture, text=texts, padding=padding, return_tensors="np"))

    def measured(self, arrays: Arrays) -> Arrays:
        """Returns one picture against one text, as in a pair of calibration data."""
        return {name: array[:1] for name, array in arrays.items()}

    def _caption(self, caption: Any) -> Arrays:
        if not isinstance(caption, str) or not caption.strip():
            raise Unusable("no caption")
        tokens = self._tokens(caption)
        if len(tokens) > self._most_tokens:
            raise Unusable(
                f"a caption of {len(tokens)} tokens, the model takes {self._most_tokens}"
            )
        return self._padded([tokens], len(tokens))

    def _candidates(self) -> Arrays:
        with _LOCK:
            return self._texts

    @functools.cached_property
    def _texts(self) -> Arrays:
        """The candidate labels in the prompt's words."""
        if not self.labels:
            raise SourceError(
                "data.labels: the candidate labels are missing, and the data has no class names"
            )
        rows = []
        for label in self.labels:
            text = self.data.prompt.replace("{label}", label)
            rows.append(self._tokens(text))
            if len(rows[-1]) > self._most_tokens:
                raise SourceError(
                    f"data.labels: {text!r} has {len(rows[-1])} tokens, the model takes "
                    f"{self._most_tokens}"
                )
        return self._padded(rows, max(map(len, rows)))

    def _tokens(self, text: str) -> list[int]:
        with _LOCK:
            return list(self._tokenizer(text)["input_ids"])

    def _padded(self, rows: Sequence[list[int]], length: int) -> Arrays:
        """Token ids int64 [texts, tokens], and a mask where the model was trained with one."""
        if self._is_siglip:
            length = self._most_tokens  # trained on full length, without a mask
        ids = np.full((len(rows), length), self._tokenizer.pad_token_id or 0, dtype=np.int64)
        mask = np.zeros_like(ids)
        for number, row in enumerate(rows):
            start = length - len(row) if self._tokenizer.padding_side == "left" else 0
            ids[number, start : start + len(row)] = row
            mask[number, start : start + len(row)] = 1
        has_mask = "attention_mask" in self._tokenizer.model_input_names
        return {"input_ids": ids} | ({"attention_mask": mask} if has_mask else {})

    @property
    def _is_siglip(self) -> bool:
        return str(self._config.get("model_type", "")).startswith("siglip")

    @functools.cached_property
    def _config(self) -> JsonObject:
        return read_object(Path(self.model_folder or "", "config.json"))

    @functools.cached_property
    def _most_tokens(self) -> int:
        """Positions that the text model has, or what its tokenizer cuts and pads to, if fewer."""
        text, limit = self._config.get("text_config") or {}, int(self._tokenizer.model_max_length)
        return min(int(text.get("max_position_embeddings") or limit), limit)

    @functools.cached_property
    def _tokenizer(self) -> PreTrainedTokenizerBase:
        return load_tokenizer(self.model_folder)
