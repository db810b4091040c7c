"""Sound of files that libsndfile does not read, such as videos, through the program `ffmpeg`."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from ovtui.engine.data.rows import Unusable

_MOST_SECONDS = 4 * 3600
"""Of sound: 0.9 GB of float32 at 16 kHz."""
_SAMPLE = np.dtype("<i2")


def with_sound(path: str, rate: int) -> str | dict[str, str | int | np.ndarray]:
    """Returns a cell of the column `audio` for a file that a person names.

    Args:
        path: absolute.
        rate: samples per second that the model listens at.

    Returns:
        The path, where libsndfile reads it; else `array`, float32 [samples], with its
        `sampling_rate` and `path`.

    Raises:
        Unusable: it is not there, has no sound that can be read, or ffmpeg is not installed.
    """
    import soundfile

    if not Path(path).is_file():
        raise Unusable(f"{Path(path).name}: no such file")
    try:
        soundfile.info(path)
    except (soundfile.SoundFileError, OSError):
        return {"array": decoded(path, rate), "sampling_rate": rate, "path": path}
    return path


def decoded(path: str, rate: int) -> np.ndarray:
    """Returns the first sound of a file, float32 [samples], mono, from -1 to 1.

    Decoded, mixed and resampled as OpenAI's `whisper.load_audio` has it done.

    Args:
        path: absolute; it is named to ffmpeg as `file:PATH`, which is neither an option nor an
            address whatever the name is.
        rate: samples per second that are wanted.

    Raises:
        Unusable: ffmpeg is not installed, or finds no sound in the file.
    """
    name, program = Path(path).name, shutil.which("ffmpeg")
    if program is None:
        raise Unusable(
            f"{name}: not WAV, FLAC, Ogg or MP3, or damaged; video and other formats are read "
            "where ffmpeg is installed (apt-get install ffmpeg)"
        )
    # Playlists could name addresses: whatever a file says, only files are read.
    source = ["-protocol_whitelist", "file", "-i", f"file:{path}", "-map", "0:a:0"]
    form = ["-ac", "1", "-ar", str(rate), "-c:a", "pcm_s16le", "-f", "s16le", "pipe:1"]
    most = _MOST_SECONDS * rate * _SAMPLE.itemsize
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(
            [program, "-nostdin", "-v", "error", *source, *form],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        ) as process:
            assert process.stdout is not None
            sound = process.stdout.read(most + 1)
            if len(sound) > most:
                process.kill()
        errors.seek(0)
        why = errors.read(4096).decode(errors="replace")
    if len(sound) > most:
        raise Unusable(f"{name}: more than {_MOST_SECONDS // 3600} hours; cut it into parts")
    if process.returncode or not sound:
        raise Unusable(f"{name}: {_reason(why, path)}")
    # What a damaged file ends with may be half a sample.
    whole = sound[: len(sound) // _SAMPLE.itemsize * _SAMPLE.itemsize]
    return np.frombuffer(whole, _SAMPLE).astype(np.float32) / 32768


def _reason(errors: str, path: str) -> str:
    """What ffmpeg says is wrong, in a line."""
    if "matches no streams" in errors:
        return "there is no sound in it"
    lines = [line.replace(f"file:{path}: ", "").strip() for line in errors.splitlines()]
    last = next((line for line in reversed(lines) if line), "it holds no samples")
    return f"ffmpeg cannot read it: {last}"
