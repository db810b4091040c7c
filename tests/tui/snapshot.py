"""A screen as a text that can be reviewed: its lines, then where which colours are."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from rich.style import Style
from textual.app import App

from ovtui.tui.textual_internals import shown
from tests.support.kept import compare

FOLDER = Path(__file__).parent / "snapshots"


def check(app: App[None], name: str) -> None:
    """Compares what the terminal shows with the kept file; see `tests.support.kept`."""
    compare(picture(app), FOLDER / f"{name}.txt")


def picture(app: App[None]) -> str:
    """The lines, and for each line its spans that do not have the screen's own colours."""
    lines, colours = [], []
    for number, strip in enumerate(shown(app.screen)):
        lines.append("".join(segment.text for segment in strip).rstrip())
        cells = [
            (character, _named(segment.style)) for segment in strip for character in segment.text
        ]
        at, spans = 0, []
        for style, group in groupby(cells, key=lambda cell: cell[1]):
            end = at + len(list(group))
            if style:
                spans.append(f"{at}-{end} {style}")
            at = end
        if spans:
            colours.append(f"{number:02d}  {', '.join(spans)}")
    return "\n".join([*lines, "", "colours", *colours, ""])


def _named(style: Style | None) -> str:
    """Attributes and colours; what most cells have is left out."""
    if style is None:
        return ""
    words = [name for name in ("bold", "dim", "reverse", "underline") if getattr(style, name)]
    front = style.color.name if style.color else "default"
    back = style.bgcolor.name if style.bgcolor else "default"
    words += [front] if front not in ("#d5d9e6", "default", "ansi_default") else []
    words += [f"on {back}"] if back not in ("#14161c", "default", "ansi_default") else []
    return " ".join(words)
