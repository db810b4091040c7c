"""One sample as lines: what each variant predicts, side by side."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from ovtui.core.results.result import Result, Sample
from ovtui.core.results.sample_changes import (
    Kind,
    answer,
    baseline_name,
    is_right,
    kinds,
    right_answer,
)
from ovtui.core.text.cells import pad, shorten
from ovtui.tui.charts import share_bar
from ovtui.tui.text import BAD, FAINT, GOOD, STRONG, WARN, line, wrapped

_SHOWN_SCORES = 5
_OPENS = re.compile(r"\[[-+]")


def page(sample: Sample, result: Result, width: int, picture: Sequence[Text] = ()) -> list[Text]:
    """Everything about a sample, with its picture between what was asked and the answers."""
    baseline = baseline_name(result)
    lines = [line(("sample ", FAINT), (sample.id, STRONG), "  ", remark(sample, baseline))]
    for name, value in sample.input.items():
        if name != "seconds":
            lines += wrapped(_told(name, value, sample.input), width, lead=f"{name:<10}")
    if sample.reference is not None:
        lines += wrapped(right_answer(sample.reference), width, lead=f"{'reference':<10}")
    lines += [line(), *picture]
    names = [name for name in sample.predictions if name == baseline]
    names += [name for name in sample.predictions if name != baseline]
    blocks = [_variant(sample, name, baseline, _block_width(width, len(names))) for name in names]
    if _block_width(width, len(names)) == width:
        return lines + [row for block in blocks for row in [*block, line()]][:-1]
    return lines + _beside(blocks, _block_width(width, len(names)))


def _told(name: str, value: Any, given: Mapping[str, Any]) -> str:
    """What was given to the model, in words."""
    seconds = given.get("seconds")
    if name == "audio" and isinstance(seconds, int | float):
        return f"{seconds:g} s  {value}"
    return f"{value}  (i shows it)" if name == "image" else str(value)


def remark(sample: Sample, baseline: str) -> Text:
    """What compression did to a sample, in a word."""
    found = kinds(sample, baseline)
    if Kind.WORSE in found:
        return line(("✗ WORSE", BAD))
    if Kind.BETTER in found:
        return line(("✓ better", GOOD))
    if Kind.CHANGED in found:
        return line(("≠ changed", WARN))
    return line(("same, wrong" if Kind.WRONG in found else "same", FAINT))


def _block_width(width: int, count: int) -> int:
    """Side by side where each has 30 cells, otherwise one below the other."""
    beside = (width - 2 * (count - 1)) // max(1, count)
    return beside if beside >= 30 else width


def _beside(blocks: Sequence[list[Text]], width: int) -> list[Text]:
    lines = []
    for index in range(max(map(len, blocks), default=0)):
        made = line()
        for block in blocks:
            part = block[index] if index < len(block) else line()
            made.append_text(line(part, " " * (width + 2 - part.cell_len)))
        lines.append(made)
    return lines


def _variant(sample: Sample, name: str, baseline: str, width: int) -> list[Text]:
    prediction = sample.predictions[name]
    said, before = answer(prediction), answer(sample.predictions.get(baseline))
    right = is_right(sample, name)
    judged = {True: ("✓ right", GOOD), False: ("✗ wrong", BAD), None: ("", "")}[right]
    differs = ("  ≠ baseline", WARN) if name != baseline and said != before else ("", "")
    title = "baseline" if name == baseline else ""
    lines = [line((shorten(name, width - 22), STRONG), (f" {title} ", FAINT), judged, differs)]
    scores = _scores(prediction)
    if not scores:
        words = said.split() if name == baseline else marked(before, said)
        return lines + _text(words, _segments(prediction), width)
    widest = min(max(len(label) for label, _ in scores), 16, max(6, width // 3))
    bar = max(4, min(24, width - widest - 12))
    for label, score in scores:
        text = pad(shorten(label, widest), widest)
        style = STRONG if label == said else ""
        lines.append(line("  ", (text, style), " ", share_bar(score, bar), f" {score:.4f}"))
    return lines


def _scores(prediction: Any) -> list[tuple[str, float]]:
    if not isinstance(prediction, dict):
        return []
    top = prediction.get("top") or ([prediction] if "score" in prediction else [])
    return [
        (str(entry.get("label", "")), float(entry.get("score", 0)))
        for entry in top[:_SHOWN_SCORES]
        if isinstance(entry, dict)
    ]


def _segments(prediction: Any) -> list[tuple[str, int]]:
    """Times of a transcript's segments, and how many words each has; none where they do not fit."""
    if not isinstance(prediction, dict):
        return []
    try:
        found = [
            (f"{float(it['start']):6.1f}–{float(it['end']):<6.1f}", len(str(it["text"]).split()))
            for it in prediction.get("segments", ())
        ]
    except (KeyError, TypeError, ValueError):
        return []
    whole = sum(count for _, count in found)
    return found if whole == len(answer(prediction).split()) else []


def _text(words: list[str], segments: Sequence[tuple[str, int]], width: int) -> list[Text]:
    """A text, or a line for each of its segments with its seconds; what differs in colour."""
    lines: list[Text] = []
    rest = len(words)
    for number, (times, count) in enumerate(segments or [("", rest)]):
        last = number == len(segments or [0]) - 1
        part, words = (words, []) if last else (words[:count], words[count:])
        text = " ".join(part)
        style = WARN if _OPENS.search(text) else ""
        lines += wrapped(text, width, style, lead=f"  {times} " if times else "  ")
    return lines


def marked(before: str, after: str) -> list[str]:
    """The words of a text, with brackets around what the baseline says otherwise: [-b-] [+a+]."""
    old, words = before.split(), after.split()
    gone = ""
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, words.copy()).get_opcodes():
        if kind == "equal":
            words[c] = gone + words[c]
            gone = ""
            continue
        gone = f"[-{' '.join(old[a:b])}-] " if a < b else ""
        if c < d:
            words[c] = f"{gone}[+{words[c]}"
            words[d - 1] += "+]"
            gone = ""
    return words + ([gone.strip()] if gone else [])
