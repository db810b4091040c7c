"""The only door for text into widgets: shown literally, in one line, with glyphs from one table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.text import Text
from textual.color import Color
from textual.content import Content
from textual.filter import LineFilter

from ovtui.core.text import foreign
from ovtui.core.text.cells import cell_width, shorten, wrap

FAINT = "dim"
STRONG = "bold"
GOOD, BAD, WARN, LIVE = "green", "red", "yellow", "cyan"
VARIANTS = ("", "bright_cyan", "bright_yellow", "bright_magenta", "bright_blue", "bright_green")
"""Of variants by their place: the first is a baseline. A theme says which colours these are."""

MARKED, UNMARKED = "●", "○"
CURSOR = "›"
FULL, REST = "▇", "·"
LOW, HIGH, POINT, LINE, LIMIT = "├", "┤", "●", "─", "┊"
DIVIDER, RULE = "│", "─"

_SPELLED = {
    "✓": "+", "✗": "x", "▶": ">", "■": "#", "●": "*", "○": "o", "›": ">", "◦": "o",
    "·": ".", "├": "[", "┤": "]", "┊": ":", "…": "~", "×": "x", "→": ">",
    "←": "<", "↑": "^", "↓": "v", "–": "-", "—": "-", "−": "-", "±": "~", "≤": "<", "≥": ">",
    "≠": "!", "•": "o", "⌫": "<",
    "╵": "'", "▓": "%", "▒": "+", "░": "-", "▞": "/",
    "▁": "_", "▂": ":", "▃": "-", "▅": "=", "▆": "%", "▇": "#", "█": "@",
    "🔎": "> ", "µ": "u", "α": "a", "“": '"', "”": '"', "’": "'", "▀": '"', "▄": "_",
}  # fmt: skip
_RANGES = {0x2500: "-", 0x2580: "#", 0x25A0: "*"}
_BRAILLE = " .:-=+*#@"
"""By the number of dots."""
_UPRIGHT = "│┃║╎╏┆┇┊┋"


def plain(value: object) -> Content:
    """Returns foreign text for a widget that takes `Content`: literal, without control
    characters.
    """
    return Content(foreign.plain(str(value)))


def cell(value: object, style: str = "") -> Text:
    """Returns foreign text for a line or a cell: literal, without control characters."""
    return Text(foreign.plain(str(value)), style=style, no_wrap=True, end="")


def line(*parts: str | tuple[str, str] | Text) -> Text:
    """Returns a line of parts, each a text, a text with its style, or a line."""
    joined = Text(no_wrap=True, end="")
    for part in parts:
        match part:
            case Text():
                joined.append_text(part)
            case (value, style):
                joined.append(foreign.plain(value), style)
            case _:
                joined.append(foreign.plain(part))
    return joined


def wrapped(value: str, width: int, style: str = "", lead: str = "") -> list[Text]:
    """Returns foreign text in lines of at most `width` cells, the further ones under the first.

    Args:
        value: foreign text.
        width: cells.
        style: of the text, not of its lead.
        lead: stands before the first line.
    """
    margin = " " * cell_width(lead)
    lines = wrap(foreign.plain(value), width - len(margin))
    return [line(lead if n == 0 else margin, (words, style)) for n, words in enumerate(lines)]


def shorten_middle(value: str, width: int) -> str:
    """Returns the start and the end of a text, which tell ids and paths apart, in `width` cells."""
    value = foreign.plain(value)
    if cell_width(value) <= width or width < 8:
        return shorten(value, width)
    tail = value[-(width // 2) :]
    while cell_width(tail) > width // 2:
        tail = tail[1:]
    head = shorten(value, width - cell_width(tail))
    return head + tail


def model_name(source: str) -> str:
    """Returns a model as lists name it; of an absolute path the end is what tells it."""
    return "/".join(source.split("/")[-2:]) if source.startswith("/") else source


def table(rows: Sequence[Sequence[Text]], right: Sequence[bool] = (), gap: int = 2) -> list[Text]:
    """Returns rows as lines with aligned columns; `right` tells which columns are numbers.

    Args:
        rows: cells of each row.
        right: which columns are numbers.
        gap: cells between two columns.
    """
    count = max(map(len, rows), default=0)
    widths = [
        max((row[i].cell_len for row in rows if i < len(row)), default=0) for i in range(count)
    ]
    lines = []
    for row in rows:
        made = Text(no_wrap=True, end="")
        for index, part in enumerate(row):
            blank = " " * (widths[index] - part.cell_len)
            on_right = index < len(right) and right[index]
            made.append(blank if on_right else "")
            made.append_text(part)
            last = index == len(row) - 1
            made.append("" if last else ("" if on_right else blank) + " " * gap)
        lines.append(made)
    return lines


class AsciiOnly(LineFilter):
    """Spells everything that leaves for the terminal in ASCII, cell by cell."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Returns the segments, spelled in ASCII."""
        return [
            segment
            if segment.control or segment.text.isascii()
            else Segment("".join(map(_spelled, segment.text)), segment.style)
            for segment in segments
        ]


def _spelled(character: str) -> str:
    if character.isascii():
        return character
    if spelled := _SPELLED.get(character):
        return spelled
    if character in _UPRIGHT:
        return "|"
    if 0x2800 <= ord(character) < 0x2900:
        return _BRAILLE[(ord(character) - 0x2800).bit_count()]
    block = max((start for start in _RANGES if start <= ord(character)), default=0)
    if block and ord(character) < block + 0x100 and ord(character) < 0x2900:
        return _RANGES[block]
    return "?" * cell_width(character)
