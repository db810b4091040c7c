"""What a question will take long for, told from its files' headers before they are read."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

from PIL import Image

from ovtui.core.asking.session import Expects, Tell
from ovtui.engine.data.audio import seconds_of
from ovtui.engine.data.selection import Row
from ovtui.engine.tasks import Task
from ovtui.engine.tasks.ctc import BESIDE_SECONDS, STRETCH_SECONDS
from ovtui.engine.tasks.speech_recognition import SpeechRecognition

_LONG_SECONDS = 60.0
"""Of sound: two windows of Whisper are heard in seconds."""
_LARGE_PIXELS = 10_000_000
"""Of a picture: decoding takes a second for about 50 million."""


_STRETCHES = (
    f"heard in stretches of {STRETCH_SECONDS} s, each with {BESIDE_SECONDS} s before and after it"
)


def tell_expected(row: Row, task: Task | None, tell: Tell) -> None:
    """Tells what will take long and why; nothing where that is little.

    Args:
        row: as a person gives it, or with the sound of its file.
        task: of the models that are asked; None before it is opened, which takes seconds itself.
        tell: is told.
    """
    words = ""
    if row.get("audio") is not None:
        words = _of_recording(row["audio"], task)
    elif isinstance(row.get("image"), str):
        words = _of_picture(row["image"])
    if words:
        tell(Expects(words=words))


def _of_recording(cell: Any, task: Task | None) -> str:
    seconds = seconds_of(cell)
    if seconds is None:
        return f"{Path(cell).name}: its sound is taken out by ffmpeg first"
    if seconds < _LONG_SECONDS:
        return ""
    recording = f"recording of {_minutes(seconds)}"
    if not isinstance(task, SpeechRecognition):
        return f"{recording}: it is read, then heard by one variant after another"
    if task.hears_stretches:
        return f"{recording}: {_STRETCHES}, by one variant after another"
    window = task.window_seconds
    if window is None:
        return f"{recording}: heard in one piece, which takes time and memory"
    pieces = math.ceil(seconds / window)
    return f"{recording}: at least {pieces} pieces of {window:g} s, by one variant after another"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _of_picture(path: str) -> str:
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path) as opened:
            width, height = opened.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return ""  # told when it is read
    if width * height < _LARGE_PIXELS:
        return ""
    return f"picture of {width}×{height} pixels: read whole, then scaled to what the models take"
