"""Tasks whose model writes text: a pipeline of components with a generation loop of its own."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ovtui.core.results.prediction import Prediction, TextPrediction
from ovtui.core.text.errors import SourceError, nearest
from ovtui.engine.comparison.normalisation import shared_words
from ovtui.engine.data.spool import Arrays
from ovtui.engine.models.processors import load_processor
from ovtui.engine.tasks import Task
from ovtui.engine.tasks.answers import TextAnswer
from ovtui.engine.tasks.text import UNLIMITED, cut_short

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, ProcessorMixin

_EXAMPLES, _OF_ONE_SHAPE = 4, 2


class Generation(Task):
    """What pipelines share: a processor, a live model that generates, and text out of tokens."""

    compared = ("logits",)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._lock = threading.Lock()
        """Setting up a processor is not safe in threads."""
        self._loaded: ProcessorMixin | None = None

    def enough(self, examples: Sequence[Arrays]) -> bool:
        """Returns whether two shapes differ: what varies from sample to sample then shows in
        these.
        """
        forms = {
            tuple((name, array.shape) for name, array in example.items()) for example in examples
        }
        return len(forms) > 1 or len(examples) == (
            _OF_ONE_SHAPE if self.of_one_shape else _EXAMPLES
        )

    @property
    def of_one_shape(self) -> bool:
        """Whether a component is given the same shapes whatever the sample is."""
        return False

    def shown(self, inputs: Arrays) -> tuple[Arrays, dict[str, int]]:
        """Returns what conversion has the pipeline answer for a sample, and further limits.

        Args:
            inputs: of the sample.
        """
        return inputs, {}

    @property
    def ends_by_itself(self) -> bool:
        """Whether the model says where an answer ends, so that it may be longer or shorter."""
        return True

    @property
    def lengths(self) -> Mapping[str, Sequence[int]]:
        """Axes of inputs, by name, that are as long as a sample, though all seen may be alike."""
        return {}

    def paths(self, model: PreTrainedModel) -> dict[str, str]:
        """Returns dotted path of each component in the model: the recipe's, or the task's own.

        Raises:
            SourceError: the model has no such module.
        """
        paths = dict(self.recipe.components) or self.own_paths(model)
        known = dict(model.named_modules())
        for name, path in paths.items():
            if path not in known:
                raise SourceError(
                    f"components.{name}: {type(model).__name__} has no module {path!r}, "
                    f'{nearest(path, known)} (give components = {{ {name} = "..." }})'
                )
        return paths

    def own_paths(self, model: PreTrainedModel) -> dict[str, str]:
        """Returns the paths where the recipe names none: here an encoder's, and the model's own.

        The decoder is the model itself, whose forward generation calls with the encoder's states.

        Raises:
            SourceError: the model has no encoder.
        """
        encoder = model.get_encoder() if hasattr(model, "get_encoder") else None
        path = next((path for path, module in model.named_modules() if module is encoder), "")
        if not path:
            raise SourceError(
                f"components: {type(model).__name__} has no encoder; name the parts of the model, "
                'as in components = { encoder = "model.encoder", decoder = "" }'
            )
        return {"encoder": path, "decoder": ""}

    def generate(
        self, model: PreTrainedModel, inputs: Mapping[str, torch.Tensor], **limits: Any
    ) -> torch.Tensor:
        """Returns the token ids of one answer, int64 [1, tokens].

        Args:
            model: the live pipeline.
            inputs: tensors, as `inputs` gives them.
            limits: `max_new_tokens` and the like; they come before the recipe's.
        """
        return model.generate(**self.taken(model, inputs), **self.settings(model) | limits)

    @staticmethod
    def taken(
        model: PreTrainedModel, inputs: Mapping[str, torch.Tensor]
    ) -> dict[str, torch.Tensor]:
        """Returns the inputs that the model's forward has a parameter for.

        A tokenizer may say more than the model asks for, as BERT's does where it serves BART.
        """
        known = inspect.signature(model.forward).parameters
        return {name: tensor for name, tensor in inputs.items() if name in known}

    def scores(self, logits: torch.Tensor) -> torch.Tensor:
        """Returns what of a call's logits, [1, tokens, vocabulary], is compared with the
        baseline's.

        Those of the last token, less their median: a number that all have more changes no
        probability. INT8 Whisper says the same words with logits that are 16 higher, whose cosine
        is -0.92 as they are and 0.98 so. Unlike a mean it bears logits of minus infinity.
        """
        return from_their_median(logits[0, -1])

    def generate_untouched(
        self, model: PreTrainedModel, inputs: Mapping[str, torch.Tensor], **limits: Any
    ) -> torch.Tensor:
        """Returns the token ids of one answer as transformers' own examples get it, int64 [1,
        tokens].

        Apart from `generate`, so that conversion can tell when that says something else.

        Args:
            model: as it was loaded.
            inputs: tensors; everything that the processor gives.
            limits: they come before the recipe's.
        """
        # What forward has no name for, `generate` refuses.
        return model.generate(**self.taken(model, inputs), **self.settings(model) | limits)

    def settings(self, model: PreTrainedModel) -> dict[str, Any]:
        """Returns what the recipe says about generation, as arguments of `generate`."""
        asked = self.recipe.generation
        named = {"max_new_tokens": asked.max_new_tokens, "num_beams": asked.num_beams}
        return {name: value for name, value in named.items() if value is not None}

    @property
    def with_times(self) -> dict[str, bool]:
        """Limits of `generate` that ask for times as well, where a model can give them."""
        return {}

    @property
    def processor(self) -> ProcessorMixin:
        """The model's own processor, or its tokenizer.

        Raises:
            SourceError: the model has none that can be loaded.
        """
        with self._lock:
            if self._loaded is None:
                self._loaded = self.load_processor()
            return self._loaded

    def load_processor(self) -> ProcessorMixin:
        """Loads what `processor` keeps.

        Raises:
            SourceError: the model has none that can be loaded.
        """
        return load_processor(self.model_folder)

    def cut(self) -> dict[str, bool | int]:
        """Returns arguments of the processor that cut a text at the recipe's limit, or the
        tokenizer's.
        """
        tokenizer = getattr(self.processor, "tokenizer", self.processor)
        limit = self.data.tokens.max_length or int(tokenizer.model_max_length)
        return {"truncation": True, "max_length": limit} if limit < UNLIMITED else {}

    def cut_words(self, name: str, text: str) -> list[str]:
        """Returns what a person should know of a text that is longer than the model reads.

        Args:
            name: of its column.
            text: as the row has it.
        """
        limit = self.cut().get("max_length")
        if limit is None:
            return []
        tokenizer = getattr(self.processor, "tokenizer", self.processor)
        words = cut_short(tokenizer, [name], [self.prompted(name, text)], limit)
        return [words] if words else []

    def prompted(self, name: str, text: str) -> str:
        """Returns a text in the words that the recipe puts around it: `{name}` stands for it."""
        place = f"{{{name}}}"
        return self.data.prompt.replace(place, text) if place in self.data.prompt else text

    def text_of(self, tokens: np.ndarray) -> str:
        """Returns the text of an answer's tokens, int64 [1, tokens]."""
        return str(self.processor.batch_decode(tokens, skip_special_tokens=True)[0]).strip()

    def predict(self, outputs: Sequence[np.ndarray]) -> list[TextAnswer]:
        """Returns `text` and `tokens` of answers whose tokens come first among the outputs."""
        tokens = outputs[0]
        return [{"text": self.text_of(tokens), "tokens": tokens[0].tolist()}]

    def answer(self, prediction: TextAnswer) -> str:
        return str(prediction["text"])

    def likeness(
        self, one: Sequence[TextAnswer], other: Sequence[TextAnswer]
    ) -> list[float | None]:
        """Returns the share of words that two texts have in common, in their order."""
        texts = ([self.normalised(it["text"]) for it in side] for side in (one, other))
        return [shared_words(*pair) for pair in zip(*texts, strict=True)]

    def describe(self, prediction: TextAnswer) -> Prediction:
        return TextPrediction(text=prediction["text"])


def texts_of(cell: Any, column: str, key: str) -> list[str]:
    """Returns the right answers of a cell: one text, a list of them, or of dicts that hold one.

    Args:
        cell: what the data has.
        column: its name.
        key: of a dict's text.

    Raises:
        SourceError: there is no text.
    """
    cells = cell if isinstance(cell, list | tuple | np.ndarray) else [cell]
    texts = [it.get(key) if isinstance(it, dict) else it for it in cells]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise SourceError(
            f"{column}: expected a text, a list of texts, or of dicts with {key!r}, "
            f"found {cell!r:.60}"
        )
    return [str(text) for text in texts]


def from_their_median(logits: torch.Tensor) -> torch.Tensor:
    """Returns logits of several distributions, [..., vocabulary], each less its median."""
    return logits - logits.median(dim=-1, keepdim=True).values
