"""One prediction as lines: a class with bars, a transcript with its times, all others as text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.text import Text

from ovtui.core.results.prediction import (
    ClassPrediction,
    Prediction,
    Segment,
    TranscriptPrediction,
)
from ovtui.core.text.cells import pad, shorten
from ovtui.tui.charts import share_bar
from ovtui.tui.text import STRONG, WARN, line, wrapped

_SHOWN_CANDIDATES = 5
_OPENS = re.compile(r"\[[-+]")


def drawn(prediction: Prediction, baseline: Prediction | None, width: int) -> list[Text]:
    """Returns a prediction as it is drawn below its variant's name.

    Args:
        prediction: the variant's.
        baseline: what it is compared with; None where there is none, or it is the baseline's own.
        width: in cells.
    """
    if isinstance(prediction, ClassPrediction) and prediction.candidates:
        return _bars(prediction, width)
    words = prediction.answer.split() if baseline is None else prediction.beside(baseline)
    if isinstance(prediction, TranscriptPrediction):
        return _timed(words, prediction, width)
    return _marked(words, width)


def _bars(prediction: ClassPrediction, width: int) -> list[Text]:
    """The likeliest classes with their probabilities."""
    candidates = prediction.candidates[:_SHOWN_CANDIDATES]
    widest = min(max(len(candidate.label) for candidate in candidates), 16, max(6, width // 3))
    bar = max(4, min(24, width - widest - 12))
    lines = []
    for it in candidates:
        label = pad(shorten(it.label, widest), widest)
        style = STRONG if it.label == prediction.label else ""
        lines.append(line("  ", (label, style), " ", share_bar(it.score, bar), f" {it.score:.4f}"))
    return lines


def _timed(words: Sequence[str], prediction: TranscriptPrediction, width: int) -> list[Text]:
    """A line for each segment with its seconds; one text where those have other words than it."""
    counts = [len(it.text.split()) for it in prediction.segments]
    if not counts or sum(counts) != len(prediction.text.split()):
        return _marked(words, width)
    lines: list[Text] = []
    for number, (segment, count) in enumerate(zip(prediction.segments, counts, strict=True), 1):
        last = number == len(counts)  # takes what the baseline has more
        part, words = (words, ()) if last else (words[:count], words[count:])
        lines += _marked(part, width, _seconds(segment))
    return lines


def _seconds(segment: Segment) -> str:
    return f"{segment.start:6.1f}–{segment.end:<6.1f} "


def _marked(words: Sequence[str], width: int, lead: str = "") -> list[Text]:
    """A text, in colour where the baseline says something else."""
    text = " ".join(words)
    style = WARN if _OPENS.search(text) else ""
    return wrapped(text, width, style, lead=f"  {lead}")
