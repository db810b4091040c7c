"""What the models of a run say of a person's own input, side by side, also while they write it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.text import Text

from ovtui.core.asking.ask_models import ModelAnswers
from ovtui.core.reports.answers import duration
from ovtui.tui.charts import colour, letter
from ovtui.tui.pages.prediction import drawn
from ovtui.tui.picture import thumbnail
from ovtui.tui.text import BAD, FAINT, LIVE, STRONG, WARN, line, wrapped

_LEAST = 30
"""Cells of a variant's answer beside another's."""
_MOST_LINES, _LAST_LINES = 8, 8
"""Of an input, which may be a whole document; and of what is written, where its end tells more."""
_BEGINS = "asked; where no models are loaded yet, their process starts first …"
"""Before the first reply: no variant waits for another then."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and what came of it so far."""

    inputs: Mapping[str, str]
    """As they are shown."""
    variants: Sequence[str]
    """All that answer, the baseline first."""
    writes: Mapping[str, str] = field(default_factory=dict)
    """What each has written so far."""
    pieces: Mapping[str, int] = field(default_factory=dict)
    """Of a long recording: how many each has heard."""
    expects: str = ""
    """What will take long, and why."""
    waits: str = ""
    """Why no answer comes yet."""
    answers: ModelAnswers | None = None
    problem: str = ""


def page(asked: Asked, baseline: str, width: int, stops: str) -> list[Text]:
    """Returns the input, then each variant's answer beside or below the others'.

    Args:
        asked: question and answers.
        baseline: the name of the variant that others are compared with.
        width: cells of a line.
        stops: which key stops what takes long, in words.
    """
    lines: list[Text] = []
    for name, value in asked.inputs.items():
        lines += _in_short(wrapped(value, width, lead=f"{name:<10}"), _MOST_LINES)
    if image := asked.inputs.get("image"):
        lines += [line(), *thumbnail(Path(image), width, 10)]
    lines.append(line())
    if asked.expects and asked.answers is None and not asked.problem:
        lines += [*wrapped(f"{asked.expects}; {stops}", width, WARN), line()]
    if asked.problem:
        return [*lines, *wrapped(asked.problem, width, BAD, lead="✗ ")]
    if asked.answers is None and not asked.writes:
        style = WARN if asked.waits else LIVE
        return [*lines, *wrapped(asked.waits or _BEGINS, width, style)]
    beside = (width - 2 * (len(asked.variants) - 1)) // max(1, len(asked.variants))
    room = beside if beside >= _LEAST else width
    blocks = [_block(asked, number, baseline, room) for number in range(len(asked.variants))]
    if room == width:
        lines += [row for block in blocks for row in [*block, line()]]
    else:
        lines += _beside(blocks, room)
    for note in asked.answers.notes if asked.answers else ():
        lines += wrapped(note, width, FAINT)
    return lines


def _block(asked: Asked, number: int, baseline: str, width: int) -> list[Text]:
    name = asked.variants[number]
    lines = wrapped(name, width, f"{STRONG} {colour(number)}", lead=f"{letter(number)} ")
    answers = asked.answers
    if answers is None or name not in answers.predictions:
        written = asked.writes.get(name)
        if written is None:
            return [*lines, line(("  waits for its turn", FAINT))]
        words = f"{written} …" if written else "loads, then answers …"
        if pieces := asked.pieces.get(name):
            lines.append(line((f"  {pieces} {'piece' if pieces == 1 else 'pieces'} done", FAINT)))
        return [*lines, *wrapped(words, width, LIVE, lead="  ")[-_LAST_LINES:]]
    said = answers.predictions[name]
    compared = answers.predictions.get(baseline) if name != baseline else None
    if compared is not None and said.differs(compared):
        lines.append(line(("  ≠ baseline", WARN)))
    lines += drawn(said, compared, width)
    times = answers.times.get(name)
    return lines + (wrapped(duration(times), width, FAINT, lead="  ") if times else [])


def _in_short(lines: list[Text], most: int) -> list[Text]:
    """The first lines, and how many are left out."""
    if len(lines) <= most:
        return lines
    return [*lines[:most], line((f"{' ' * 10}… and {len(lines) - most} lines more", FAINT))]


def _beside(blocks: Sequence[Sequence[Text]], width: int) -> list[Text]:
    rows = []
    for index in range(max(map(len, blocks), default=0)):
        parts = [block[index] if index < len(block) else line() for block in blocks]
        rows.append(line(*(line(part, " " * (width + 2 - part.cell_len)) for part in parts)))
    return rows
