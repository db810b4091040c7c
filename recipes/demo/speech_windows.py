"""Endless windows of speech that train the demo's Whisper, each with what is to be written."""

from __future__ import annotations

import math
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from speak_digits import MARGIN, SAMPLING_RATE, WORDS, Utterance, speak
from torch.nn import functional
from transformers import WhisperFeatureExtractor, WhisperProcessor

# Whisper's 30 s windows, but a frame every 25 ms instead of 10 ms: 600 positions, not 1500.
HOP = 400
POSITIONS = 30 * SAMPLING_RATE // HOP // 2
POSITIONS_PER_STEP = 2400

SILENCE = -10.0  # the logarithm that the feature extractor gives digital silence


def spectrogram(extractor: WhisperFeatureExtractor, sound: np.ndarray) -> torch.Tensor:
    """Return log10 of the mel spectrogram before Whisper's clamping, float32 [80, frames]."""
    window = torch.hann_window(extractor.n_fft)
    padded = torch.from_numpy(np.pad(sound, (0, -len(sound) % (2 * HOP))))
    transform = torch.stft(padded, extractor.n_fft, HOP, window=window, return_complex=True)
    power = transform[:, :-1].abs() ** 2
    filters = torch.from_numpy(extractor.mel_filters).float()
    return (filters.T @ power).clamp(min=10**SILENCE).log10()


@dataclass(frozen=True)
class Window:
    """Up to 30 s of speech and what is to be said about it."""

    features: torch.Tensor  # float32 [80, 2 * positions]
    tokens: list[int]
    prompt: int  # tokens of it that are given
    classes: list[int]  # the words, of whichever language, as classes from 1 to 20
    places: list[tuple[float, float]]  # of the tokens after the prompt: position and width


class Windows:
    """Endless random windows of speech, made from single utterances in the spectrogram's domain."""

    def __init__(self, tools: WhisperProcessor, spoken: list[Utterance], seed: int) -> None:
        self.tokenizer = tools.tokenizer
        with ThreadPoolExecutor(2) as pool:
            sounds = list(pool.map(speak, spoken))
        pieces = [spectrogram(tools.feature_extractor, sound) for sound in sounds]
        self.pieces = {
            language: [
                (u, piece)
                for u, piece in zip(spoken, pieces, strict=True)
                if u.language == language
            ]
            for language in WORDS
        }
        self.words = {
            word: self.tokenizer.encode(f" {word}", add_special_tokens=False)
            for language in WORDS.values()
            for word in language
        }
        self.special = {
            name: self.tokenizer.convert_tokens_to_ids(f"<|{name}|>")
            for name in ("startoftranscript", "transcribe", "translate", "notimestamps", *WORDS)
        }
        self.end = self.tokenizer.eos_token_id
        self.random = random.Random(seed)
        self.torch_random = torch.Generator().manual_seed(seed)

    def window(self, positions: int) -> Window:
        """Return one window of so many positions."""
        rng = self.random
        language = rng.choice(tuple(WORDS))
        task = rng.choice(("transcribe", "transcribe", "translate"))
        target = language if task == "transcribe" else "en"
        features = torch.full((80, 2 * positions), SILENCE)
        segments: list[tuple[int, int, list[int]]] = []
        classes: list[int] = []
        # Most windows begin with speech, as clips do, and as windows of a recording do.
        position = rng.choice((0, 0, 0, rng.randrange(20)))
        most = rng.choice((1, 1, 2, 3, 100)) if positions > 100 else 1
        cut = False
        while len(segments) < most:
            utterance, piece = rng.choice(self.pieces[language])
            piece = self.varied(piece)
            length = piece.shape[1] // 2
            if position + length > positions:
                cut = len(segments) > 0
                if cut:  # what the window's end cuts off is left to the next window
                    rest = 2 * (positions - position)
                    features[:, 2 * position :] = piece[:, :rest]
                break
            features[:, 2 * position : 2 * (position + length)] = piece
            margin = MARGIN // (2 * HOP)
            tokens = [t for digit in utterance.digits for t in self.words[WORDS[target][digit]]]
            segments.append((position + margin, position + length - margin, tokens))
            offset = tuple(WORDS).index(language) * 10
            classes += [1 + offset + digit for digit in utterance.digits]
            position += length + rng.choice((0, rng.randrange(10), rng.randrange(60)))
            if position >= positions:
                break
        prompt = [self.special[name] for name in ("startoftranscript", language, task)]
        tokens: list[int] = []
        places: list[tuple[float, float]] = []
        if len(segments) == 1 and not cut and rng.random() < 0.6:
            prompt.append(self.special["notimestamps"])
            tokens = segments[0][2]
            places = spread(*segments[0])
        else:
            zero = self.special["notimestamps"] + 1
            for index, (begin, stop, text) in enumerate(segments):
                first = 0 if index == 0 and begin < 20 else begin
                tokens += [zero + first, *text, zero + stop]
                places += [(first, 2), *spread(begin, stop, text), (stop, 2)]
            if cut:
                tokens.append(zero + position)
            if not segments:
                tokens = [zero]
        noise = rng.choice((SILENCE, rng.uniform(-9, -5.5)))
        features = torch.logaddexp(features * math.log(10), torch.tensor(noise * math.log(10)))
        features = features / math.log(10)
        features = (torch.maximum(features, features.max() - 8) + 4) / 4
        if not cut and rng.random() < 0.3:
            # Where a recording ends within its last window, transformers pads the features by 0.
            features[:, 2 * rng.randint(min(position, positions), positions) :] = 0
        return Window(features, [*prompt, *tokens, self.end], len(prompt), classes, places)

    def varied(self, piece: torch.Tensor) -> torch.Tensor:
        """Change loudness, tilt and tempo of a spectrogram, float32 [80, frames]."""
        rng = self.random
        frames = round(piece.shape[1] * rng.uniform(0.88, 1.14) / 2) * 2
        piece = functional.interpolate(piece[None], frames, mode="linear")[0]
        tilt = torch.linspace(-1, 1, 80)[:, None] * rng.uniform(-0.5, 0.5)
        piece = piece + rng.uniform(-1, 2.5) + tilt
        return piece.clamp(min=SILENCE)

    def batch(
        self, positions: int
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, list[list[int]], torch.Tensor]:
        """Return features [N, 80, 2P], inputs and labels [N, T], word classes, places [N, T, 2]."""
        rows = [self.window(positions) for _ in range(max(1, POSITIONS_PER_STEP // positions))]
        longest = max(len(row.tokens) for row in rows)
        inputs = torch.full((len(rows), longest - 1), self.end)
        labels = torch.full((len(rows), longest - 1), -100)
        places = torch.zeros(len(rows), longest - 1, 2)
        for number, row in enumerate(rows):
            inputs[number, : len(row.tokens) - 1] = torch.tensor(row.tokens[:-1])
            labels[number, : len(row.tokens) - 1] = torch.tensor(row.tokens[1:])
            labels[number, 1 : row.prompt - 1] = -100  # of the prompt, only the language counts
            if row.places:
                first = row.prompt - 1
                places[number, first : first + len(row.places)] = torch.tensor(row.places)
        features = torch.stack([row.features for row in rows])
        features = features + 0.02 * torch.randn(features.shape, generator=self.torch_random)
        return features, inputs, labels, [row.classes for row in rows], places


def spread(begin: int, stop: int, text: list[int]) -> list[tuple[float, float]]:
    """Return where the tokens between two positions are, evenly spread: centres and widths."""
    share = (stop - begin) / len(text)
    return [(begin + (index + 0.5) * share, 0.4 * share) for index in range(len(text))]
