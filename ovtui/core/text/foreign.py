"""Text from outside, made safe for a terminal and for JSON."""

from __future__ import annotations

import functools
import re
import unicodedata

_NAMED_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_JOINERS = "\u200c\u200d"
"""Format characters that emoji and several scripts are spelled with."""


def plain(text: str) -> str:
    r"""Returns foreign text as one line that is safe to print.

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
    """Returns a JSON document whose strings hold nothing that a terminal obeys; it means the same.

    Only strings may hold characters beyond ASCII, where JSON has an escape for each of them.
    """
    return re.sub(r"[^\x00-\x7e]", lambda match: _json_escape(match[0]), document)


def _json_escape(character: str) -> str:
    if _visible(character) == character:
        return character
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
