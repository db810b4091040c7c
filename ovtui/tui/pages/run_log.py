"""The log of a run as lines: its end, or all of what was searched or is grave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from rich.text import Text

from ovtui.core.runs.log_levels import levels
from ovtui.core.runs.run_folder import Run
from ovtui.tui.text import BAD, FAINT, WARN, cell, line, wrapped

Shown = Literal["all", "warnings", "errors"]
_LOG_LINES, _MOST_LOG_LINES = 200, 2000
LEVELS: Mapping[Shown, Sequence[str]] = {
    "all": ("error", "warning", "other"),
    "warnings": ("error", "warning"),
    "errors": ("error",),
}
_STYLES = {"error": BAD, "warning": WARN, "other": ""}


def page(run: Run, level: Shown, search: str, width: int) -> list[Text]:
    """Returns the log's lines.

    Args:
        run: whose log it is.
        level: `all`, or the grave ones alone.
        search: a text that each line has, in any case; empty for all.
        width: in cells.
    """
    whole = level != "all" or search
    lines = run.log_text().splitlines() if whole else run.log_tail(_LOG_LINES)
    word = search.casefold()
    kept = [
        (text, own)
        for text, own in zip(lines, levels(lines), strict=True)
        if own in LEVELS[level] and word in text.casefold()
    ][-_MOST_LOG_LINES:]
    shown = [row for text, own in kept for row in _log_lines(text, width, _STYLES[own])]
    head = [f"{level} of the log"] if level != "all" else []
    head += [f"/{search}"] if search else []
    title = [line(("  ".join(head), FAINT)), line()] if head else []
    nothing = [line(("no line of this kind" if head else "log is empty", FAINT))]
    return [*title, *(shown or nothing)]


def _log_lines(text: str, width: int, style: str) -> list[Text]:
    """A line of the log, wrapped; a drawn table is cut, for it makes no sense when wrapped."""
    drawn = any("\u2500" <= character <= "\u257f" for character in text)
    words = text.expandtabs(4)
    indent = words[: len(words) - len(words.lstrip(" "))][: width // 2]
    if drawn:
        return [cell(text, style)]
    return wrapped(words.lstrip(" "), width, style, lead=indent)
