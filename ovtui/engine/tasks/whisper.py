"""What is Whisper's own: windows, languages, and times among the tokens."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ovtui.core.files.reading import JsonObject
from ovtui.core.recipes.recipe import Generation
from ovtui.core.text.errors import SourceError, nearest
from ovtui.engine.hub.model_config import read_object

if TYPE_CHECKING:
    import torch
    from transformers import FeatureExtractionMixin, GenerationConfig, PreTrainedModel


class Segment(NamedTuple):
    """Words between two times."""

    start: float
    """Seconds from the recording's start."""
    end: float
    tokens: np.ndarray
    """int64 [tokens], without the times."""


class Whisper:
    """The generation loop of transformers, with times that count from the recording's start.

    An answer with times is, for each segment, a token for its start, its words, and a token for
    its end. A time is the first time token plus a number of steps; later than a window is long,
    such a token is none of the vocabulary.
    """

    def __init__(self, folder: Path, listener: FeatureExtractionMixin) -> None:
        """Reads what a model's configuration says of its segments.

        Args:
            folder: the model's, with `config.json` and `generation_config.json`.
            listener: its feature extractor.
        """
        self._folder = folder
        self.window_samples = int(listener.n_samples)
        """Samples of sound that are heard at once."""
        self._window_frames = int(listener.nb_max_frames)
        self._window_seconds = float(listener.chunk_length)

    def settings(self, asked: Generation) -> dict[str, Any]:
        """Returns the language and task as arguments of `generate`.

        Raises:
            SourceError: the model cannot do what is asked for.
        """
        configuration = self._configuration
        arguments = {} if self._is_read_whole else {"generation_config": configuration}
        languages = getattr(configuration, "lang_to_id", None)
        if not languages:
            _refuse(asked)
            return arguments
        if asked.language:
            arguments["language"] = _token(asked.language, languages)
        return arguments | {"task": "translate" if asked.translate else "transcribe"}

    def generate(
        self, model: PreTrainedModel, features: torch.Tensor, settings: dict[str, Any]
    ) -> torch.Tensor:
        """Returns the token ids of one recording, int64 [1, tokens].

        A language that is not given is heard from the encoder's states, which are kept: the
        encoder is the larger part of the work.

        Args:
            model: the live pipeline.
            features: float32 [1, bands, frames], of one window or longer.
            settings: arguments of `generate`; `return_timestamps` asks for times, which long
                recordings always have.
        """
        timed = bool(settings.get("return_timestamps")) or self.is_long(features)
        given = {"input_features": features}
        if "task" in settings and "language" not in settings:
            window = features[..., : self._window_frames]
            states = model.get_encoder()(input_features=window, return_dict=True)
            settings = settings | {"language": self._language(model, states)}
            given = given if timed else {"encoder_outputs": states}
        if not timed:
            return model.generate(**given, **settings)
        settings = settings | {
            "return_timestamps": True,
            "return_segments": True,
            "time_precision": self._step,
            "time_precision_features": self._window_seconds / self._window_frames,
        }
        return self._with_times(model.generate(**given, **settings)["segments"][0])

    def is_long(self, features: torch.Tensor) -> bool:
        """Returns whether a recording goes beyond one window."""
        return bool(features.shape[-1] > self._window_frames)

    def segments(self, tokens: np.ndarray) -> list[Segment]:
        """Returns the segments of an answer, int64 [tokens]; none where it has no times."""
        first = self._first_time
        times = np.flatnonzero(tokens >= first) if first is not None else np.empty(0, int)
        return [
            Segment(
                round(int(tokens[one] - first) * self._step, 3),
                round(int(tokens[other] - first) * self._step, 3),
                tokens[one + 1 : other],
            )
            for one, other in zip(times[::2], times[1::2], strict=False)
        ]

    @property
    def knows_english_alone(self) -> bool:
        """Whether the model has no languages to choose from."""
        return getattr(self._configuration, "is_multilingual", None) is False

    def _language(self, model: PreTrainedModel, states: torch.Tensor) -> str:
        """The token of what is spoken, as in `<|en|>`."""
        configuration = self._configuration
        detected = model.detect_language(encoder_outputs=states, generation_config=configuration)
        return next(
            name for name, token in configuration.lang_to_id.items() if token == int(detected[0])
        )

    def _with_times(self, segments: Sequence[Mapping[str, Any]]) -> torch.Tensor:
        import torch

        first = self._first_time
        assert first is not None

        def flat() -> Iterator[int]:
            for segment in segments:
                yield first + round(float(segment["start"]) / self._step)
                yield from (it for it in segment["tokens"].tolist() if it < first)
                yield first + round(float(segment["end"]) / self._step)

        return torch.tensor([list(flat())], dtype=torch.int64)

    @functools.cached_property
    def _step(self) -> float:
        """Seconds from a time token to the next: the decoder hears one position in each."""
        return self._window_seconds / int(self._read("config.json")["max_source_positions"])

    @functools.cached_property
    def _first_time(self) -> int | None:
        """The token of the time 0; None where the model gives no times."""
        last = getattr(self._configuration, "no_timestamps_token_id", None)
        return None if last is None else int(last) + 1

    @functools.cached_property
    def _is_read_whole(self) -> bool:
        """Whether transformers reads all of `generation_config.json`.

        It drops languages, tasks and times from one that is marked as made from `config.json`.
        """
        return not self._read("generation_config.json").get("_from_model_config")

    @functools.cached_property
    def _configuration(self) -> GenerationConfig:
        from transformers import GenerationConfig

        values = self._read("generation_config.json")
        values.pop("_from_model_config", None)
        return GenerationConfig.from_dict(values)

    def _read(self, name: str) -> JsonObject:
        return read_object(self._folder / name)


def _token(language: str, languages: Mapping[str, int]) -> str:
    """A language's token, from its name or code."""
    from transformers.models.whisper.tokenization_whisper import TO_LANGUAGE_CODE

    code = language.lower().strip("<|>")
    token = f"<|{TO_LANGUAGE_CODE.get(code, code)}|>"
    if token not in languages:
        codes = [name.strip("<|>") for name in languages]
        raise SourceError(
            f"generation.language: the model knows no {language!r}, {nearest(language, codes)}"
        )
    return token


def is_english(language: str) -> bool:
    """Returns whether a language, by name or code, is English."""
    return language.lower().strip("<|>") in ("en", "english")


def _refuse(asked: Generation) -> None:
    if asked.translate:
        raise SourceError("generation.translate: the model knows no tasks, it cannot translate")
    if asked.language and not is_english(asked.language):
        raise SourceError(
            f"generation.language: the model knows no languages, found {asked.language!r}"
        )
