"""Spoken digits that need no download: espeak-ng's voices, shipped as FLAC."""

from __future__ import annotations

import json
from pathlib import Path

import soundfile

DATA = Path(__file__).with_name("spoken-digits")
SPLITS = ("train", "test")


def spoken_digits(split: str) -> list[dict]:
    """Return one split of the shipped clips, 2 to 5 digits each, in English and German by turns.

    Timbres, speeds, pitches and the sequences of three or more digits of "test" do not occur in
    "train", nor in what the model was trained on.

    Args:
        split: "train" (50 clips) or "test" (120 clips).

    Returns:
        Rows {"audio": float32 [samples], "sampling_rate": 16000, "text": what is said,
        "translation": the same in English, "language": "en" or "de"}.

    Raises:
        ValueError: If there is no such split.
    """
    if split not in SPLITS:
        raise ValueError(f"unknown split {split!r}; valid splits: {', '.join(SPLITS)}")
    lines = (DATA / "metadata.jsonl").read_text(encoding="utf-8").splitlines()
    rows = []
    for clip in map(json.loads, lines):
        if clip["split"] == split:
            audio, rate = soundfile.read(DATA / clip["file"], dtype="float32")
            columns = {name: clip[name] for name in ("text", "translation", "language")}
            rows.append({"audio": audio, "sampling_rate": rate, **columns})
    return rows
