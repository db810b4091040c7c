"""Recordings from what data sets hold: one channel, at the rate that a model listens at."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any

import numpy as np

from ovtui.core.text.errors import SourceError, reason
from ovtui.engine.data.rows import Unusable, is_missing

_RATES = (100, 768_000)
"""From slow sensors to the fastest converters; a filter is as long as the rate is high."""
_MOST_SAMPLES = 2**28
"""Of one channel: 1 GiB of float32, 93 minutes at 48 kHz, 4.7 hours at 16 kHz."""
_BLOCK = 2**20
"""Samples of each channel that are read at once."""


def read_audio(cell: Any, folder: Path | None, rate: Any, wanted: int) -> np.ndarray:
    """Returns a recording as float32 [samples], mono, from -1 to 1.

    Args:
        cell: a path, the bytes of a file that libsndfile reads (WAV, FLAC, Ogg, MP3), an array
            [samples], [samples, channels] or [channels, samples] of floats or integers, or a dict
            that holds one of them as `path`, `bytes` or `array`, with its `sampling_rate`.
        folder: what relative paths start from.
        rate: of arrays, in samples per second; `wanted` where it is not known.
        wanted: the result's samples per second.

    Raises:
        Unusable: it does not decode, or is empty.
        SourceError: the cell holds no recording at all.
    """
    if isinstance(cell, dict):
        own = cell.get("sampling_rate")
        rate = rate if is_missing(own) else own
        parts = (cell.get(name) for name in ("array", "bytes", "path"))
        cell = next((part for part in parts if part is not None), None)
    rate = None if is_missing(rate) else _checked(rate)
    if isinstance(cell, list | np.ndarray):
        sound = _from_array(cell)
    else:
        sound, rate = _from_file(cell, folder)
    if not len(sound) or not np.isfinite(sound).all():
        raise Unusable("a recording without samples, or with some that are no numbers")
    return _resampled(sound, rate or wanted, wanted)


def seconds_of(cell: Any) -> float | None:
    """Returns how long a recording is; None where it is a file that libsndfile does not read.

    Args:
        cell: a path, or a dict with `array`, float [samples], and its `sampling_rate`.
    """
    import soundfile

    if isinstance(cell, dict):
        return len(cell["array"]) / float(cell["sampling_rate"])
    try:
        return float(soundfile.info(cell).duration)
    except (soundfile.SoundFileError, OSError):
        return None


def write_audio(sound: np.ndarray, rate: int, path: Path) -> None:
    """Writes float samples from -1 to 1 as 16-bit FLAC.

    Args:
        sound: float [samples], mono.
        rate: samples a second.
        path: of the file.
    """
    import soundfile

    soundfile.write(path, np.clip(sound, -1, 1), rate, format="FLAC", subtype="PCM_16")


def _from_array(cell: Any) -> np.ndarray:
    try:
        sound = np.asarray(cell)
    except ValueError as error:  # lists of unequal length
        raise SourceError(f"audio: expected samples, found {reason(error)}") from error
    if sound.dtype.kind not in "fiu" or sound.ndim not in (1, 2):
        raise SourceError(
            f"audio: expected numbers [samples], or [samples, channels], found "
            f"{sound.dtype} {list(sound.shape)}"
        )
    if sound.dtype.kind in "iu":
        limits = np.iinfo(sound.dtype)
        middle = (int(limits.max) + int(limits.min) + 1) / 2  # unsigned samples have silence there
        sound = (sound - middle) / (int(limits.max) - middle + 1)
    if sound.ndim == 2 and sound.size:
        sound = sound.mean(axis=int(np.argmin(sound.shape)))
    return sound.astype(np.float32)


def _from_file(cell: Any, folder: Path | None) -> tuple[np.ndarray, int]:
    import soundfile

    file: Path | io.BytesIO
    if isinstance(cell, bytes):
        name, file = f"{len(cell)} bytes", io.BytesIO(cell)
    elif isinstance(cell, str | Path):
        name, file = str(cell), (folder or Path()) / cell
    else:
        raise SourceError(f"audio: expected a path, bytes or an array, found {type(cell).__name__}")
    if isinstance(file, Path) and not file.is_file():
        raise Unusable(f"{name}: no such file")
    try:
        with soundfile.SoundFile(file) as opened:
            rate = _checked(opened.samplerate)
            if opened.frames > _MOST_SAMPLES:
                raise Unusable(f"{name}: {_too_long(opened.frames, rate)}")
            blocks = opened.blocks(_BLOCK, dtype="float32", always_2d=True)
            parts = [block.mean(axis=1) for block in blocks]
    except (soundfile.SoundFileError, OSError, MemoryError) as error:
        raise Unusable(f"{name}: not WAV, FLAC, Ogg or MP3, or damaged") from error
    return np.concatenate(parts) if parts else np.empty(0, np.float32), rate


def _too_long(samples: int, rate: int) -> str:
    """What is said of a recording with so many samples, of one channel, at this rate."""
    hours, most = samples / rate / 3600, _MOST_SAMPLES / rate / 3600
    return f"{hours:.1f} hours; cut it into recordings of at most {most:.1f}"


def _checked(rate: Any) -> int:
    """A rate in samples per second, as recordings have it.

    Raises:
        Unusable: it is none, and resampling from it would take any memory.
    """
    try:
        whole_rate = int(rate)
    except (TypeError, ValueError, OverflowError):
        whole_rate = 0
    if whole_rate != rate or not _RATES[0] <= whole_rate <= _RATES[1]:
        raise Unusable(
            f"sampling rate {rate!r:.20}: expected {_RATES[0]} to {_RATES[1]} in a second"
        )
    return whole_rate


def _resampled(sound: np.ndarray, rate: int, wanted: int) -> np.ndarray:
    """With scipy's polyphase filter, whose delay is none."""
    if rate == wanted:
        return sound
    if len(sound) * wanted > _MOST_SAMPLES * rate:
        raise Unusable(_too_long(len(sound) * wanted // rate, wanted))
    from scipy.signal import resample_poly

    common = math.gcd(rate, wanted)
    return resample_poly(sound, wanted // common, rate // common).astype(np.float32)
