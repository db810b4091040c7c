"""Texts as word error rates and exact matches compare them: what a reader would call the same.

Both are Whisper's (Radford et al. 2022, appendix C), as transformers has them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from difflib import SequenceMatcher
from typing import Any

Normaliser = Callable[[str], str]

_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff"
"""Thai, Lao, Burmese, Japanese and Chinese letters: between words there is no space."""
_WORD = re.compile(rf"[{_UNSPACED}]|[^\s{_UNSPACED}]+")


@functools.cache
def basic() -> Normaliser:
    """Returns the normaliser of any language: lower case, without punctuation and remarks in
    brackets.
    """
    from transformers.models.whisper.english_normalizer import BasicTextNormalizer

    return _tidy(BasicTextNormalizer())


def english(spellings: Mapping[str, str]) -> Normaliser:
    """Returns the normaliser of English: contractions, titles, numbers and spellings as well.

    Args:
        spellings: American ones by British ones.
    """
    from transformers.models.whisper.english_normalizer import EnglishTextNormalizer

    return _tidy(EnglishTextNormalizer(dict(spellings)))


def shared_words(one: str, other: str) -> float | None:
    """Returns the share of their words that two texts have in common, in their order: 0 to 1.

    That is twice the words in common over the words of both (`difflib.SequenceMatcher.ratio`).

    Args:
        one: a normalised text.
        other: another.

    Returns:
        None where neither has a word.
    """
    ours, theirs = _WORD.findall(one), _WORD.findall(other)
    return SequenceMatcher(None, ours, theirs, autojunk=False).ratio() if ours or theirs else None


def _tidy(normaliser: Any) -> Normaliser:
    return lambda text: " ".join(normaliser(text).split())
