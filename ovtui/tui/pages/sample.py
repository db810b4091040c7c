"""One sample as lines: what each variant predicts, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from ovtui.core.results.result import Result, Sample
from ovtui.core.results.sample_changes import (
    Kind,
    baseline_name,
    is_right,
    kinds,
    right_answer,
)
from ovtui.core.text.cells import shorten
from ovtui.tui.charts import colour, letter
from ovtui.tui.pages.prediction import drawn
from ovtui.tui.text import BAD, FAINT, GOOD, STRONG, WARN, line, wrapped


def page(
    sample: Sample, result: Result, width: int, picture: Sequence[Text], shows: str
) -> list[Text]:
    """Returns everything about a sample, with its picture between what was asked and the
    answers.

    Args:
        sample: with the answers of each variant.
        result: of its run.
        width: cells of a line.
        picture: lines of it, where it is shown.
        shows: which key shows it, in words.
    """
    baseline = baseline_name(result)
    lines = [line(("sample ", FAINT), (sample.id, STRONG), "  ", remark(sample, baseline))]
    for name, value in sample.input.items():
        if name not in ("seconds", "size"):
            words = _input_in_words(name, value, sample.input)
            words += f"  ({shows})" if name == "image" else ""
            lines += wrapped(words, width, lead=f"{name:<10}")
    if sample.reference is not None:
        lines += wrapped(right_answer(sample.reference), width, lead=f"{'reference':<10}")
    lines += [line(), *picture]
    names = sorted(sample.predictions, key=lambda name: name != baseline)
    room, places = _block_width(width, len(names)), places_of(result)
    blocks = [_variant(sample, name, baseline, places.get(name, 0), room) for name in names]
    if room == width:
        return lines + [row for block in blocks for row in [*block, line()]][:-1]
    return lines + _beside(blocks, room)


def places_of(result: Result) -> dict[str, int]:
    """Returns each variant's place, which its letter and colour come from, as in Compare."""
    return {variant.name: number for number, variant in enumerate(result.variants)}


def _input_in_words(name: str, value: Any, given: Mapping[str, Any]) -> str:
    """What was given to the model, in words."""
    seconds = given.get("seconds")
    if name == "audio" and isinstance(seconds, int | float):
        return f"{seconds:g} s  {value}"
    if name != "image":
        return str(value)
    size = given.get("size")
    pixels = f"{size[0]}×{size[1]}  " if isinstance(size, list) and len(size) == 2 else ""
    return f"{pixels}{value}"


def remark(sample: Sample, baseline: str) -> Text:
    """Returns what compression did to a sample, in a word."""
    changes = kinds(sample, baseline)
    if Kind.WORSE in changes:
        return line(("✗ WORSE", BAD))
    if Kind.BETTER in changes:
        return line(("✓ better", GOOD))
    if Kind.CHANGED in changes:
        return line(("≠ changed", WARN))
    return line(("same, wrong" if Kind.WRONG in changes else "same", FAINT))


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


def _variant(sample: Sample, name: str, baseline: str, place: int, width: int) -> list[Text]:
    prediction = sample.predictions[name]
    before = None if name == baseline else sample.predictions.get(baseline)
    right = is_right(sample, name)
    judged = {True: ("✓ right", GOOD), False: ("✗ wrong", BAD), None: ("", "")}[right]
    changed = before is not None and prediction.differs(before)
    differs = ("  ≠ baseline", WARN) if changed else ("", "")
    title = "baseline" if name == baseline else ""
    named = (f"{letter(place)} {shorten(name, width - 24)}", f"{STRONG} {colour(place)}")
    head = line(named, (f" {title} ", FAINT), judged, differs)
    return [head, *drawn(prediction, before, width)]
