"""Speech recognition: a recording in, its words out."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ovtui.core.files.reading import JsonObject
from ovtui.core.results.prediction import Prediction, Segment, TranscriptPrediction
from ovtui.core.text.errors import SourceError
from ovtui.engine.comparison.normalisation import Normaliser, basic, english
from ovtui.engine.data.audio import read_audio, write_audio
from ovtui.engine.data.ffmpeg import with_sound
from ovtui.engine.data.selection import Row
from ovtui.engine.data.spool import Arrays
from ovtui.engine.hub.model_config import is_ctc, read_object
from ovtui.engine.models.processors import arrays_of, listen, load_listener
from ovtui.engine.tasks.answers import TextAnswer, TimedText
from ovtui.engine.tasks.ctc import check_components, letters, text_of
from ovtui.engine.tasks.generation import Generation, from_their_median
from ovtui.engine.tasks.whisper import Whisper, is_english

if TYPE_CHECKING:
    import torch
    from transformers import FeatureExtractionMixin, PreTrainedModel, ProcessorMixin

_LEAST_LOUD = 1e-3
"""Of full scale, -60 dB: what is never louder is silence and the noise of a converter."""
_FEATURES = 100
"""In a second; where two are stacked, as of Wav2Vec2-BERT, a stretch is twice as long."""
_SHOWN_SECONDS = 60
"""How much of a recording is kept to listen to: 2 MB at most."""


class SpeechRecognition(Generation):
    """Recordings, each with the words that are said."""

    def paths(self, model: PreTrainedModel) -> dict[str, str]:
        if self._is_ctc:
            check_components(self.recipe.components)
        return super().paths(model)

    @property
    def of_one_shape(self) -> bool:
        """Whisper hears windows of 30 s, however long a recording is."""
        return self._whisper is not None

    @property
    def window_seconds(self) -> float | None:
        """How much is heard at once; None of models that hear a recording in one piece."""
        whisper = self._whisper
        return None if whisper is None else whisper.window_samples / self.rate

    @property
    def hears_stretches(self) -> bool:
        """Whether a long recording is heard stretch by stretch, which overlap."""
        return self._is_ctc

    @property
    def ends_by_itself(self) -> bool:
        return not self._is_ctc

    @property
    def lengths(self) -> Mapping[str, Sequence[int]]:
        """Samples [1, samples] or features [1, moments, bands]; Whisper's window is fixed."""
        return {} if self.of_one_shape else {"input_values": (1,), "input_features": (1,)}

    def inputs(self, row: Row) -> Arrays:
        """Returns the processor's features, of all windows; a mask that hides nothing is left
        out.
        """
        sound, whisper = self._sound(row), self._whisper
        how: dict[str, Any] = {}
        if whisper is not None and len(sound) > whisper.window_samples:
            how = {"truncation": False, "padding": "longest"}
        arrays = arrays_of(listen(self.processor, sound, self.rate, **how))
        if "attention_mask" in arrays and arrays["attention_mask"].all():
            del arrays["attention_mask"]
        return arrays

    def load_processor(self) -> ProcessorMixin:
        return load_listener(self.model_folder)

    def processed(self, row: Row) -> Arrays | None:
        sound, whisper = self._sound(row), self._whisper
        if whisper is not None and len(sound) > whisper.window_samples:
            return None  # answers with times, in a form of their own
        return listen(self.processor, sound, self.rate)

    def settings(self, model: PreTrainedModel) -> dict[str, Any]:
        whisper = self._whisper
        own = {} if whisper is None else whisper.settings(self.recipe.generation)
        return super().settings(model) | own

    def generate(
        self, model: PreTrainedModel, inputs: Mapping[str, torch.Tensor], **limits: Any
    ) -> torch.Tensor:
        """Returns the token ids of one answer, int64 [1, tokens]; `with_times` may be among the
        limits.

        Of a CTC model they are those of each moment.
        """
        if self._is_ctc:
            taken = self.taken(model, inputs)
            return letters(model, taken, self._second(taken), limits.get("streamer"))
        if self._whisper is None:
            return super().generate(model, inputs, **limits)
        settings = self.settings(model) | limits
        return self._whisper.generate(model, inputs["input_features"], settings)

    def generate_untouched(
        self, model: PreTrainedModel, inputs: Mapping[str, torch.Tensor], **limits: Any
    ) -> torch.Tensor:
        if self._is_ctc:
            return letters(model, inputs, self._second(inputs))
        return super().generate_untouched(model, inputs, **limits)

    def scores(self, logits: torch.Tensor) -> torch.Tensor:
        """Returns the scores of the first token, or of every moment in a row."""
        return from_their_median(logits).flatten() if self._is_ctc else super().scores(logits)

    def text_of(self, tokens: np.ndarray) -> str:
        if self._is_ctc:
            return text_of(tokens[0], self.processor, int(self._config.get("pad_token_id") or 0))
        return super().text_of(tokens)

    @property
    def with_times(self) -> dict[str, bool]:
        return {} if self._whisper is None else {"return_timestamps": True}

    def predict(self, outputs: Sequence[np.ndarray]) -> list[TextAnswer]:
        """Returns `text` and `tokens`, and `segments` (`start`, `end`, `text`) where there are
        times.
        """
        tokens = outputs[0][0]
        timed = [] if self._whisper is None else self._whisper.segments(tokens)
        if not timed:
            return super().predict(outputs)
        texts = [self.text_of(segment.tokens[None]) for segment in timed]
        segments: list[TimedText] = [
            {"start": segment.start, "end": segment.end, "text": text}
            for segment, text in zip(timed, texts, strict=True)
        ]
        text = " ".join(filter(None, texts))
        return [{"text": text, "tokens": tokens.tolist(), "segments": segments}]

    def describe(self, prediction: TextAnswer) -> Prediction:
        if "segments" not in prediction:
            return super().describe(prediction)
        segments = [Segment(**segment) for segment in prediction["segments"]]
        return TranscriptPrediction(text=prediction["text"], segments=segments)

    def within(self, row: Row, prediction: TextAnswer) -> TextAnswer:
        """Returns the prediction with its segments cut at the recording's end: Whisper hears
        padding too.

        A segment that only begins afterwards is left out; the text is what the model says.
        """
        if "segments" not in prediction:
            return prediction
        end = round(len(self._sound(row)) / self.rate, 3)
        segments: list[TimedText] = [
            {**segment, "end": min(segment["end"], end)}
            for segment in prediction["segments"]
            if segment["start"] < end
        ]
        return {**prediction, "segments": segments}

    def from_person(self, row: Row) -> Row:
        """Returns the row with the sound of its file, which may be any that ffmpeg reads."""
        return row | {"audio": with_sound(row["audio"], self.rate)}

    def doubts(self, row: Row) -> list[str]:
        if np.abs(self._sound(row)).max() >= _LEAST_LOUD:
            return []
        return ["the recording is silent: words that are said of it are made up"]

    def check_language(self) -> None:
        """Refuses a language, or a translation, that the model has not.

        Raises:
            SourceError: it cannot do what the recipe's `generation` asks for.
        """
        asked, whisper = self.recipe.generation, self._whisper
        if whisper is not None:
            whisper.settings(asked)
        elif asked.translate:
            raise SourceError("generation.translate: this model cannot, only Whisper translates")
        elif asked.language and not is_english(asked.language):
            raise SourceError(
                f"generation.language: {asked.language!r} cannot be told to this model, only to "
                "Whisper; it hears what it was trained on"
            )

    def reference(self, row: Row) -> str:
        return str(row["text"])

    def normalised(self, text: str) -> str:
        return self._normaliser(text)

    def words(self, row: Row) -> Row:
        cell = row["audio"]
        path = cell.get("path") if isinstance(cell, dict) else cell
        return {"recording": Path(path).name} if isinstance(path, str | Path) else {}

    def show(self, row: Row, folder: Path, name: str) -> Row:
        sound, path = self._sound(row), folder / f"{name}.flac"
        write_audio(sound[: _SHOWN_SECONDS * self.rate], self.rate, path)
        seconds = round(len(sound) / self.rate, 2)
        return self.words(row) | {"audio": f"{folder.name}/{path.name}", "seconds": seconds}

    def _second(self, inputs: Mapping[str, torch.Tensor]) -> int:
        """How many samples, or features, a second has."""
        return self.rate if "input_values" in inputs else _FEATURES

    def _sound(self, row: Row) -> np.ndarray:
        return read_audio(row["audio"], self.folder, row.get("sampling_rate"), self.rate)

    @property
    def _listener(self) -> FeatureExtractionMixin:
        """The part of the processor that takes sound."""
        return getattr(self.processor, "feature_extractor", self.processor)

    @property
    def rate(self) -> int:
        """Samples per second that the model listens at."""
        return int(self._listener.sampling_rate)

    @functools.cached_property
    def _config(self) -> JsonObject:
        return read_object(self.model_folder / "config.json") if self.model_folder else {}

    @functools.cached_property
    def _is_ctc(self) -> bool:
        return is_ctc(self._config)

    @functools.cached_property
    def _whisper(self) -> Whisper | None:
        if self.model_folder is None or self._config.get("model_type") != "whisper":
            return None
        return Whisper(self.model_folder, self._listener)

    @functools.cached_property
    def _normaliser(self) -> Normaliser:
        """English where that is what answers are in: it is asked for, or all the model knows."""
        asked, whisper = self.recipe.generation, self._whisper
        if not asked.translate and not (
            is_english(asked.language)
            if asked.language
            else whisper is not None and whisper.knows_english_alone
        ):
            return basic()
        folder = self.model_folder
        return english(read_object(folder / "normalizer.json") if folder else {})
