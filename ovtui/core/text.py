"""Text for people: foreign text made safe, widths in terminal cells, bytes and seconds."""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

_NAMED_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_JOINERS = "\u200c\u200d"
"""Format characters that emoji and several scripts are spelled with."""


def plain(text: str) -> str:
    r"""Foreign text as one line that is safe to print.

    Control characters (thus ANSI escapes), line separators, bidirectional overrides and other
    invisible format characters, and lone surrogates become visible escapes such as `\x1b`
    (CVE-2021-42574 shows what the bidirectional ones do).
    """
    if text.isprintable():  # which none of these are
        return text
    return "".join(_visible(character) for character in text)


@functools.lru_cache(4096)
def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category not in ("Cc", "Cf", "Cs", "Zl", "Zp") or character in _JOINERS:
        return character
    if character in _NAMED_ESCAPES:
        return _NAMED_ESCAPES[character]
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def safe_json(document: str) -> str:
    """A JSON document whose strings hold nothing that a terminal obeys; it means the same.

    Only strings may hold characters beyond ASCII, where JSON has an escape for each of them.
    """
    return re.sub(r"[^\x00-\x7e]", lambda found: _json_escape(found[0]), document)


def _json_escape(character: str) -> str:
    if _visible(character) == character:
        return character
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def cell_width(text: str) -> int:
    """Terminal cells that a text takes; wide characters take two, combining ones none."""
    return sum(map(_cells, text)) if not text.isascii() else len(text)


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shorten(text: str, width: int) -> str:
    """The text, or its start and an ellipsis, in at most `width` cells."""
    if cell_width(text) <= width:
        return text
    kept, _ = _split_at(text, width - 1)
    return kept + "…" if width > 0 else ""


def shorten_apart(names: Sequence[str], width: int) -> list[str]:
    """Names in at most `width` cells each, so that different ones stay different.

    Where the starts of two are the same, their ends are kept too, as much as is needed to tell
    them apart: `int8 accurate bias` and `int8 weights` are `int8 a…` and `int8 w…`, names that
    differ in the end only are `int8…0.5` and `int8…0.15`. Where that is no help, they are numbered.
    """
    shown = {name: shorten(name, width) for name in names}
    for kept in range(1, max(1, width - 1)):
        if not (alike := _alike(shown)):
            break
        shown |= {name: _with_end(name, width, kept) for name in alike}
    for number, name in enumerate(_alike(shown), start=1):
        shown[name] = shorten(name, width - len(f"{number}")) + f"{number}"
    return [shown[name] for name in names]


def _alike(shown: Mapping[str, str]) -> list[str]:
    """Names that are shown as another one is."""
    counts = Counter(shown.values())
    return [name for name, short in shown.items() if counts[short] > 1]


def _with_end(text: str, width: int, kept: int) -> str:
    """The text's start, an ellipsis and its last characters."""
    if cell_width(text) <= width:
        return text
    end = text[-kept:]
    start, _ = _split_at(text, max(0, width - 1 - cell_width(end)))
    return shorten(f"{start}…{end}", width)


def pad(text: str, width: int, *, right: bool = False) -> str:
    """The text filled with spaces to `width` cells; `right` puts it on the right."""
    filling = " " * max(0, width - cell_width(text))
    return filling + text if right else text + filling


def wrap(text: str, width: int) -> list[str]:
    """The text's words in lines of at most `width` cells; a longer word is broken."""
    lines = [""]
    for word in _pieces(text, max(2, width)):
        if not lines[-1]:
            lines[-1] = word
        elif cell_width(lines[-1]) + 1 + cell_width(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


def _pieces(text: str, width: int) -> Iterator[str]:
    for word in text.split(" "):
        rest = word
        while cell_width(rest) > width:
            piece, rest = _split_at(rest, width)
            yield piece
        yield rest


def _split_at(text: str, width: int) -> tuple[str, str]:
    used = 0
    for index, character in enumerate(text):
        used += _cells(character)
        if used > width:
            return text[:index], text[index:]
    return text, ""


def human_bytes(count: float) -> str:
    """Bytes in three significant digits and binary units, as in `4.25 MiB`."""
    if count < 0:
        return "-" + human_bytes(-count)
    if count < 1024:
        return f"{count:.0f} B"
    for unit in ("KiB", "MiB", "GiB", "TiB"):
        count /= 1024
        if count < 999.5 or unit == "TiB":
            break
    return f"{three_digits(count)} {unit}"


def human_count(count: float, unit: str = "") -> str:
    """So many of what is counted: bytes in their own units, everything else as a number."""
    return human_bytes(count) if unit == "bytes" else f"{count:g}"


def human_rate(rate: float, unit: str = "") -> str:
    """So many a second."""
    return f"{human_bytes(rate) if unit == 'bytes' else f'{rate:.3g}'}/s"


def human_seconds(seconds: float) -> str:
    """A duration, as in `250 ms`, `12.3 s`, `2 min 05 s` or `1 h 02 min`."""
    if seconds < 0:
        return "-" + human_seconds(-seconds)
    if seconds < 0.9995:
        return f"{three_digits(seconds * 1000)} ms"
    if seconds < 59.95:
        return f"{three_digits(seconds)} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    return f"{minutes // 60} h {minutes % 60:02} min"


def three_digits(value: float) -> str:
    """A number with three significant digits, of those from 0.1 to 1 two; whole ones are kept."""
    if 0 < abs(value) < 0.0995:
        return f"{value:.{2 - math.floor(math.log10(abs(value)))}f}"
    for digits, below in ((2, 9.995), (1, 99.95)):
        if abs(value) < below:
            return f"{value:.{digits}f}"
    return f"{value:.0f}"
