"""Changes to a whole file: what disks, editors, other programs and enemies do to one."""

from __future__ import annotations

import re
from typing import NamedTuple

from hypothesis import strategies as st

_PLACES = 2**16
_VALUE = re.compile(rb'"[^"\n]*"|-?\d+(?:\.\d+)?|\btrue\b|\bfalse\b|\bnull\b')
"""What JSON, TOML and XML write where a value stands."""
_TOKENS = [
    b"[" * 5000,
    b'{"a":' * 5000,
    b"9" * 5000,
    b"1e400",
    b"-0",
    b"null",
    b'"\\ud800"',
    b"\xff\xfe",
    b"\x00",
    b"\x1b[2J",
    "\u202e".encode(),
    b"\r\n",
    b"=cmd()",
    b"'''",
    b"a." * 200 + b"a = 1",
]
_VALUES = [
    b'""',
    b"null",
    b"-1",
    b"0",
    b"1e400",
    b"9" * 400,
    b'"\\ud800"',
    b'"\\u001b[2J\\u202e"',
    b'"../../etc/passwd"',
    b'"-1"',
    b'"9223372036854775807"',
    b"[]",
    b"{}",
    b"[" * 500 + b"]" * 500,
    b"true",
]


class Change(NamedTuple):
    """One change; places are fractions of a file's length, in 65536ths."""

    how: str
    at: int
    to: int
    piece: bytes
    value: bytes

    def __call__(self, data: bytes) -> bytes:
        """The file with this change."""
        start, end = sorted(len(data) * place // _PLACES for place in (self.at, self.to))
        match self.how:
            case "put":
                return data[:start] + self.piece + data[start:]
            case "over":
                return data[:start] + self.piece + data[start + len(self.piece) :]
            case "cut":
                return data[:start] + data[end:]
            case "short":
                return data[:start]
            case "double":
                return data[:end] + data[start:]
            case "bit":
                flipped = bytes(it ^ 1 << self.to % 8 for it in data[start : start + 1])
                return data[:start] + flipped + data[start + 1 :]
            case "all":
                return self.piece
        found = list(_VALUE.finditer(data))
        if not found:
            return data[:start] + self.value + data[end:]
        place = found[len(found) * self.at // _PLACES]
        return data[: place.start()] + self.value + data[place.end() :]


_HOWS = ("put", "over", "cut", "short", "double", "bit", "all", "value", "value", "value")
_PLACE = st.integers(0, _PLACES - 1)
_PIECE = st.one_of(st.binary(max_size=16), st.sampled_from(_TOKENS))
CHANGE = st.builds(Change, st.sampled_from(_HOWS), _PLACE, _PLACE, _PIECE, st.sampled_from(_VALUES))
"""Built once: Hypothesis takes 10 ms to look at a strategy that it has not seen."""
