"""The filter of lists: words, `key:text`, `key>number`, and `!` for what is not wanted."""

from __future__ import annotations

import operator
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from ovtui.core.text.errors import nearest
from ovtui.core.text.units import quantity

Value = str | float | None
"""Of a field; None where a row has none."""

_TERM = re.compile(r"(!?)(?:([a-z_]\w*)(:|>=|<=|>|<|=))?(.*)", re.DOTALL)
_ORDERS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


class _Term(NamedTuple):
    """One condition; without a key, any of a row's texts may have the word."""

    negated: bool
    key: str
    sign: str
    text: str


class RowFilter:
    """Conditions that a row must all meet.

    `verdict:fail` looks into one field, `drop>0.01` and `size<40MiB` compare its number,
    `state=done` wants all of it; `!` in front of a term wants the opposite. Words without a key may
    be in any field, whatever the case. A key that no row has is a word, for ids may have colons.
    """

    def __init__(self, text: str, keys: Iterable[str] = ()) -> None:
        """Read a filter.

        Args:
            text: as it was typed; a quotation mark that is not closed yet is none.
            keys: the fields that rows of this list have.
        """
        known = set(keys)
        terms = [_read(word, known) for word in _words(text)]
        self._terms = [term for term in terms if term.key or term.text]
        self.problem = next(filter(None, (_problem(term, known) for term in self._terms)), "")
        """What cannot be meant, in words; such a term lets no row pass."""

    @property
    def needs_fields(self) -> bool:
        """Whether a term looks into a field: else the texts of a row are enough."""
        return any(term.key for term in self._terms)

    def passes(self, texts: Iterable[str], fields: Mapping[str, Value]) -> bool:
        """Returns whether a row meets all conditions."""
        whole = "\n".join(texts).casefold()
        return all(_holds(term, whole, fields) != term.negated for term in self._terms)


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text.replace("\\", "\\\\").replace("'", "\\'"))
    except ValueError:
        return text.replace('"', " ").split()


def _read(word: str, known: set[str]) -> _Term:
    negation, key, sign, text = (it or "" for it in _TERM.fullmatch(word).groups())  # type: ignore[union-attr]
    if key in known or (key and _looks_meant(sign, text)):
        return _Term(bool(negation), key, sign, text.casefold())
    return _Term(bool(negation), "", "", word[len(negation) :].casefold())


def _looks_meant(sign: str, text: str) -> bool:
    """A comparison with a number is no word, also where the key is misspelt."""
    return sign in _ORDERS and quantity(text) is not None


def _problem(term: _Term, known: set[str]) -> str:
    if not term.key:
        return ""
    if term.key not in known:
        return f"unknown key {term.key!r}, {nearest(term.key, known)}"
    if term.sign in _ORDERS and quantity(term.text.strip()) is None and term.text:
        return f"{term.key}{term.sign} needs a number, as in {term.key}{term.sign}0.01"
    return ""


def _holds(term: _Term, whole: str, fields: Mapping[str, Value]) -> bool:
    if not term.key:
        return term.text in whole
    value = fields.get(term.key)
    if term.sign in _ORDERS:
        wanted = quantity(term.text.strip())
        return (
            isinstance(value, float | int)
            and wanted is not None
            and (_ORDERS[term.sign](float(value), wanted))
        )
    if isinstance(value, float | int):
        return quantity(term.text.strip()) == float(value)
    text = (value or "").casefold()
    return text == term.text if term.sign == "=" else bool(text) and term.text in text
