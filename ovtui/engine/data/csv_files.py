"""How a CSV file is written: its encoding, what separates its columns, and what stands around."""

from __future__ import annotations

import codecs
import csv
import io
import re
from pathlib import Path
from typing import NamedTuple

from ovtui.core.text.errors import SourceError

_SEPARATORS = (",", ";", "\t", "|")
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # begins as UTF-16's does
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""What a file may begin with, and the encoding that reads it."""
_SEPARATOR_LINE = re.compile(r"\ufeff?sep=(?P<separator>.)\r?\n", re.IGNORECASE)
_LOOK = 64 * 1024
"""Bytes that a guess is made from."""
_CHUNK = 2**20


class Dialect(NamedTuple):
    """What a reader of CSV files is told."""

    encoding: str
    separator: str
    named: bool = False
    """Its first line tells the separator, as in `sep=;`, which Excel writes and reads."""
    closed: bool = False
    """Its rows, and not the names above, end with a separator; else one cell more is a row's name,
    as R writes it."""


def dialect_of(path: Path, text: str, encoding: str | None = None) -> Dialect:
    """Returns how a file is written.

    Args:
        path: of the file.
        text: what a person calls it.
        encoding: the recipe's `data.encoding`; without it UTF-8 and UTF-16 are told apart.

    Raises:
        SourceError: it is in another encoding: names the line and the byte; or its rows have
            another number of columns than its first line names.
    """
    with path.open("rb") as file:
        first = file.read(_LOOK)
    encoding = encoding or _encoding(first)
    _check(path, text, encoding)
    start = first.decode(encoding, errors="ignore")
    if len(first) == _LOOK:
        start = start.rpartition("\n")[0]  # the last line may be cut
    separator_line = _SEPARATOR_LINE.match(start)
    if separator_line:
        start, separator = start[separator_line.end() :], separator_line["separator"]
    else:
        separator = "\t" if path.suffix.lower() == ".tsv" else _separator(start)
    return Dialect(encoding, separator, bool(separator_line), _is_closed(start, separator, text))


def _encoding(first: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if first.startswith(mark):
            return encoding
    even, odd = first[::2].count(0), first[1::2].count(0)
    if len(first) > 8 and max(even, odd) > len(first) // 8:  # half of Western UTF-16 is zeros
        return "utf-16-le" if odd > even else "utf-16-be"
    return "utf-8"


def _check(path: Path, text: str, encoding: str) -> None:
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError:
        raise SourceError(
            f"data.encoding: unknown encoding {encoding!r}; expected one of Python's, as 'latin-1'"
        ) from None
    lines = 1
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            try:
                lines += decoder.decode(chunk, final=not chunk).count("\n")
            except UnicodeDecodeError as error:
                good, bad = error.object[: error.start], error.object[error.start]
                lines += good.count(b"\n")
                raise SourceError(
                    f"{text}: line {lines}: byte 0x{bad:02x} is not {encoding}; save the file as "
                    'UTF-8, or name its encoding, as in data.encoding = "latin-1"'
                ) from None
            if not chunk:
                return


def _separator(start: str) -> str:
    """What divides the first line into columns, and most other lines into as many."""
    return max(_SEPARATORS, key=lambda separator: _fit(start, separator))


def _is_closed(start: str, separator: str, text: str) -> bool:
    """Whether every row has one cell more than the first line, and that is empty.

    Readers take the first cell for a row's name then, and all others for their neighbours.

    Raises:
        SourceError: it is not empty, and the first is no name: two rows share it.
    """
    header, *rows = _rows(start, separator) or [[]]
    if not rows or not all(len(row) == len(header) + 1 for row in rows):
        return False
    if not any(row[-1].strip() for row in rows):
        return True
    if len({row[0] for row in rows}) < len(rows):
        raise SourceError(
            f"{text}: its rows have {len(rows[0])} columns, its first line names {len(header)} "
            f"({', '.join(header)[:80]}); name all of them"
        )
    return False


def _fit(start: str, separator: str) -> float:
    """Share of the lines that have as many columns as the first; 0 where that is one."""
    whole = _rows(start, separator)
    if not whole or len(whole[0]) < 2:
        return 0.0
    return sum(len(row) == len(whole[0]) for row in whole) / len(whole)


def _rows(start: str, separator: str) -> list[list[str]]:
    """The rows that a file's start holds whole; none where it is not so separated."""
    try:
        return [row for row in csv.reader(io.StringIO(start), delimiter=separator) if row]
    except csv.Error:
        return []
