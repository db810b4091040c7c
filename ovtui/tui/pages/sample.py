"""One sample as lines: what each variant predicts, side by side."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from rich.text import Text

from ovtui.core.result import Result, Sample
from ovtui.core.sample_changes import Kind, answer, baseline_name, is_right, kinds, right_answer
from ovtui.core.text import pad, shorten
from ovtui.tui.charts import share_bar
from ovtui.tui.text import BAD, FAINT, GOOD, STRONG, WARN, line, wrapped

_SHOWN_SCORES = 5


def page(sample: Sample, result: Result, width: int) -> list[Text]:
    """Everything about a sample."""
    baseline = baseline_name(result)
    lines = [line(("sample ", FAINT), (sample.id, STRONG), "  ", remark(sample, baseline))]
    for name, value in sample.input.items():
        lines += wrapped(str(value), width, lead=f"{name:<10}")
    if sample.reference is not None:
        lines += wrapped(right_answer(sample.reference), width, lead=f"{'reference':<10}")
    lines.append(line())
    names = [name for name in sample.predictions if name == baseline]
    names += [name for name in sample.predictions if name != baseline]
    blocks = [_variant(sample, name, baseline, _block_width(width, len(names))) for name in names]
    if _block_width(width, len(names)) == width:
        return lines + [row for block in blocks for row in [*block, line()]][:-1]
    return lines + _beside(blocks, _block_width(width, len(names)))


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
        if name != baseline and said != before:
            return lines + _difference(before, said, width)
        return lines + wrapped(said, width, lead="  ")
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


def _difference(before: str, after: str, width: int) -> list[Text]:
    """A text with the words that are not the baseline's marked by brackets and colour."""
    old, new = before.split(), after.split()
    words: list[str] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            words += new[c:d]
            continue
        words += [f"[-{' '.join(old[a:b])}-]"] if a < b else []
        words += [f"[+{' '.join(new[c:d])}+]"] if c < d else []
    return wrapped(" ".join(words), width, WARN, lead="  ")
