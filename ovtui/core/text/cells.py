"""Text fitted to terminal cells: widths, shortened, filled and wrapped."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence


def cell_width(text: str) -> int:
    """Counts the terminal cells that a text takes; wide characters take two, combining ones
    none.
    """
    return sum(map(_cells, text)) if not text.isascii() else len(text)


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shorten(text: str, width: int) -> str:
    """Returns the text, or its start and an ellipsis, in at most `width` cells."""
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
    """Returns the text filled with spaces to `width` cells; `right` puts it on the right.

    Args:
        text: shorter than the width, else it stays as it is.
        width: cells.
        right: the spaces go before it.
    """
    filling = " " * max(0, width - cell_width(text))
    return filling + text if right else text + filling


def wrap(text: str, width: int) -> list[str]:
    """Returns the text's words in lines of at most `width` cells; a longer word is broken."""
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
