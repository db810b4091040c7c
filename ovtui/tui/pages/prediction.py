"""One prediction as lines: a class with bars, a transcript with its times, objects one by one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.text import Text

from ovtui.core.results.objects import changes
from ovtui.core.results.prediction import (
    ClassPrediction,
    DetectionPrediction,
    Prediction,
    Segment,
    TranscriptPrediction,
)
from ovtui.core.text.cells import pad, shorten
from ovtui.tui.charts import share_bar
from ovtui.tui.text import BAD, FAINT, STRONG, WARN, line, wrapped

_SHOWN_CANDIDATES = 5
_SHOWN_OBJECTS = 12
"""Of those lost, gained, and the same; the surest first."""
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
    if isinstance(prediction, DetectionPrediction):
        return _objects(prediction, baseline, width)
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


def _objects(
    prediction: DetectionPrediction, baseline: Prediction | None, width: int
) -> list[Text]:
    """What is in the picture: objects that the baseline alone has first, then those it has not."""
    lines = wrapped(prediction.answer, width, STRONG, lead="  ")
    before = baseline.objects if isinstance(baseline, DetectionPrediction) else prediction.objects
    changed = changes(prediction.objects, before)
    for word, objects, style in (
        ("lost", changed.lost, BAD),
        ("gained", changed.gained, WARN),
        ("", changed.same, ""),
    ):
        for it in objects[:_SHOWN_OBJECTS]:
            lines += wrapped(it.in_words, width, style, lead=f"  {word:<7}")
        if len(objects) > _SHOWN_OBJECTS:
            more = f"and {len(objects) - _SHOWN_OBJECTS} more"
            lines += wrapped(more, width, FAINT, lead=f"  {word:<7}")
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
