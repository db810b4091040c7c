"""Speak digits with espeak-ng (a Debian package; 1.51 here) and write the shipped clips.

`python speak_digits.py` writes spoken-digits/: 16 kHz mono FLAC files and metadata.jsonl.
"""

from __future__ import annotations

import io
import json
import random
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

DATA = Path(__file__).with_name("spoken-digits")
SAMPLING_RATE = 16000
ESPEAK_RATE = 22050
SEED = 0
PEAK = 0.04  # of full scale: 11 of FLAC's 16 bits, which more than halves the files
MARGIN = 800  # samples of silence around the speech: 50 ms
CLIPS = {"train": 50, "test": 120}

WORDS = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "de": ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"),
}


@dataclass(frozen=True)
class Manner:
    """What one split draws from; the splits share no variant, speed or pitch."""

    accents: dict[str, tuple[str, ...]]
    variants: tuple[str, ...]  # espeak-ng's timbres, male and female
    speeds: tuple[int, ...]  # words per minute
    pitches: tuple[int, ...]  # 0 to 99


MANNERS = {
    "train": Manner(
        {"en": ("en-us", "en-gb", "en-gb-scotland", "en-029"), "de": ("de",)},
        ("m1", "m2", "m3", "m5", "m6", "m8", "f1", "f2", "f3", "f5"),
        (120, 135, 150, 165, 180, 200, 220),
        (20, 30, 40, 50, 60, 70, 80),
    ),
    "test": Manner(
        {"en": ("en-us", "en-gb", "en-gb-x-rp"), "de": ("de",)},
        ("m4", "m7", "f4"),
        (142, 158, 172, 190),
        (35, 45, 55, 65),
    ),
}


@dataclass(frozen=True)
class Utterance:
    """Digits and the manner in which they are spoken."""

    language: str
    digits: tuple[int, ...]
    voice: str
    speed: int
    pitch: int
    gap: int  # pause between words, in 10 ms

    def text(self, language: str) -> str:
        """Return the digits as words of a language."""
        return " ".join(WORDS[language][digit] for digit in self.digits)


def utterances(
    split: str, count: int, rng: random.Random, avoid: frozenset[tuple[int, ...]] = frozenset()
) -> list[Utterance]:
    """Draw utterances of 2 to 5 digits, alternating between the languages.

    Args:
        split: Whose manner of speaking, a key of MANNERS.
        count: How many utterances.
        rng: The source of randomness.
        avoid: Sequences of three or more digits that must not occur.
    """
    manner = MANNERS[split]
    drawn: list[Utterance] = []
    while len(drawn) < count:
        language = tuple(WORDS)[len(drawn) % len(WORDS)]
        digits = tuple(rng.randrange(10) for _ in range(rng.randint(2, 5)))
        if len(digits) > 2 and digits in avoid:
            continue
        voice = f"{rng.choice(manner.accents[language])}+{rng.choice(manner.variants)}"
        speed, pitch = rng.choice(manner.speeds), rng.choice(manner.pitches)
        drawn.append(Utterance(language, digits, voice, speed, pitch, rng.choice((0, 0, 2, 5, 10))))
    return drawn


def speak(utterance: Utterance) -> np.ndarray:
    """Return an utterance as sound, float32 [samples] at 16 kHz: peak PEAK, MARGIN on both sides.

    Raises:
        FileNotFoundError: If espeak-ng is not installed.
        subprocess.CalledProcessError: If espeak-ng fails.
    """
    options = {"-v": utterance.voice, "-s": utterance.speed, "-p": utterance.pitch}
    options |= {"-g": utterance.gap}
    command = ["espeak-ng", "--stdout", *(str(part) for pair in options.items() for part in pair)]
    wav = subprocess.run(
        [*command, utterance.text(utterance.language)], check=True, capture_output=True
    ).stdout
    sound, rate = soundfile.read(io.BytesIO(wav), dtype="float32")
    assert rate == ESPEAK_RATE, rate
    sound = resample_poly(sound, 320, 441)  # 16000 / 22050
    level = np.abs(sound)
    loud = np.flatnonzero(level > 0.01 * level.max())
    speech = sound[loud[0] : loud[-1] + 1] * (PEAK / level.max())
    return np.pad(speech, MARGIN).astype(np.float32)


def shipped() -> dict[str, list[Utterance]]:
    """Return the shipped utterances per split; no longer test sequence is among the train ones."""
    rng = random.Random(SEED)
    test = utterances("test", CLIPS["test"], rng)
    train = utterances("train", CLIPS["train"], rng, frozenset(u.digits for u in test))
    return {"train": train, "test": test}


def main() -> None:
    """Write the shipped clips and their metadata."""
    DATA.mkdir(exist_ok=True)
    lines = []
    for split, spoken in shipped().items():
        for number, utterance in enumerate(spoken):
            name = f"{split}-{number:03d}.flac"
            soundfile.write(DATA / name, speak(utterance), SAMPLING_RATE, compression_level=1.0)
            row = {
                "file": name,
                "split": split,
                "language": utterance.language,
                "text": utterance.text(utterance.language),
                "translation": utterance.text("en"),
                "voice": utterance.voice,
                "speed": utterance.speed,
                "pitch": utterance.pitch,
            }
            lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    (DATA / "metadata.jsonl").write_text("".join(lines), encoding="utf-8")
    size = sum(file.stat().st_size for file in DATA.iterdir())
    print(f"{len(lines)} clips, {size / 2**20:.2f} MiB")


if __name__ == "__main__":
    main()
