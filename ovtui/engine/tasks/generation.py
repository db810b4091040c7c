"""Tasks whose model writes text: a pipeline of components with a generation loop of its own."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ovtui.core.errors import SourceError
from ovtui.engine.data import Row
from ovtui.engine.spool import Arrays
from ovtui.engine.tasks import Task

_EXAMPLES = 4


class Generation(Task):
    """What pipelines share: a processor, a live model that generates, and text out of tokens."""

    compared = ("logits",)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._lock = threading.Lock()
        """Setting up a processor is not safe in threads."""
        self._loaded: Any = None

    def enough(self, examples: Sequence[Arrays]) -> bool:
        """What varies from sample to sample shows in two whose shapes differ."""
        forms = {tuple((name, array.shape) for name, array in it.items()) for it in examples}
        return len(forms) > 1 or len(examples) == _EXAMPLES

    def paths(self, model: Any) -> dict[str, str]:
        """Dotted path of each component in the model; here those of an encoder and a decoder.

        The decoder is the model itself, whose forward generation calls with the encoder's states.
        """
        encoder = model.get_encoder()
        path = next(path for path, module in model.named_modules() if module is encoder)
        return {"encoder": path, "decoder": ""}

    def generate(self, model: Any, inputs: Mapping[str, Any], **limits: Any) -> Any:
        """Token ids of one answer, int64 [1, tokens].

        Args:
            model: the live pipeline.
            inputs: tensors, as `inputs` gives them.
            limits: `max_new_tokens` and the like; they come before the recipe's.
        """
        return model.generate(**inputs, **self.settings(model) | limits)

    def settings(self, model: Any) -> dict[str, Any]:
        """What the recipe says about generation, as arguments of `generate`."""
        asked = self.recipe.generation
        named = {"max_new_tokens": asked.max_new_tokens, "num_beams": asked.num_beams}
        return {name: value for name, value in named.items() if value is not None}

    @property
    def processor(self) -> Any:
        """The model's own processor, or its tokenizer.

        Raises:
            SourceError: the model has none that can be loaded.
        """
        with self._lock:
            if self._loaded is None:
                self._loaded = _processor(self.model_folder)
            return self._loaded

    def text_of(self, tokens: np.ndarray) -> str:
        """The text of an answer's tokens, int64 [1, tokens]."""
        return str(self.processor.batch_decode(tokens, skip_special_tokens=True)[0]).strip()

    def predict(self, outputs: Sequence[np.ndarray]) -> list[dict[str, Any]]:
        """`text` and `tokens` of answers whose tokens come first among the outputs."""
        tokens = outputs[0]
        return [{"text": self.text_of(tokens), "tokens": tokens[0].tolist()}]

    def answer(self, prediction: dict[str, Any]) -> str:
        return str(prediction["text"])

    def describe(self, prediction: dict[str, Any]) -> dict[str, Any]:
        return {"text": prediction["text"]}

    @abstractmethod
    def reference(self, row: Row) -> Any: ...


def _processor(folder: Path | None) -> Any:
    if folder is None:
        raise SourceError(
            "model.source: a pipeline needs its processor; give a Hugging Face id or folder"
        )
    from transformers import AutoProcessor

    try:
        return AutoProcessor.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:
        told = (str(error) or type(error).__name__).splitlines()[0][:300]
        raise SourceError(f"{folder}: its processor cannot be loaded: {told}") from error


def tensors_to_arrays(found: Mapping[str, Any]) -> Arrays:
    """A processor's outputs as arrays with a batch axis of one, integers as int64."""
    arrays = {}
    for name, value in found.items():
        array = np.asarray(value)
        arrays[name] = array.astype(np.int64) if array.dtype.kind in "iub" else array
    return arrays
