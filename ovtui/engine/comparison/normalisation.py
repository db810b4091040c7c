"""Texts as word error rates and exact matches compare them: what a reader would call the same.

Both are Whisper's (Radford et al. 2022, appendix C), as transformers has them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

Normaliser = Callable[[str], str]


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


def _tidy(normaliser: Any) -> Normaliser:
    return lambda text: " ".join(normaliser(text).split())
