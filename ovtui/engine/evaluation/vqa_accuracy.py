"""The accuracy of visual question answering, as the VQA challenge scores it.

Source: Antol et al. 2015, section 4, and https://visualqa.org/evaluation.html.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_PEOPLE = 3
"""An answer that so many people gave is right."""
_ARTICLES = {"a", "an", "the"}
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_AS_DIGITS = {"none": "0"} | {name: str(number) for number, name in enumerate(_NUMBERS)}
_PUNCTUATION = ';/[]"{}()=+\\_-><@`,?!'
_PERIOD = re.compile(r"(?!<=\d)\.(?!\d)")
"""The challenge's own pattern: what looks like a look-behind is none there either."""
_DIGITS_WITH_COMMA = re.compile(r"\d,\d")

_CONTRACTIONS = """
    ain't aren't can't could've couldn't couldn't've didn't doesn't don't hadn't hadn't've hasn't
    haven't he'd he'd've he's how'd how'll how's i'd've i'm i've isn't it'd it'd've it'll let's
    ma'am mightn't mightn't've might've mustn't must've needn't not've o'clock oughtn't shan't
    she'd've should've shouldn't shouldn't've somebody'd somebody'd've somebody'll somebody's
    someone'd someone'd've someone'll someone's something'd something'd've something'll that's
    there'd there'd've there're there's they'd they'd've they'll they're they've 'twas wasn't
    we'd've we've weren't what'll what're what's what've when's where'd where's where've who'd
    who'd've who'll who's who've why'll why're why's won't would've wouldn't wouldn't've y'all
    y'all'll y'all'd've you'd you'd've you'll you're you've
"""


def _without_one_apostrophe(word: str) -> list[str]:
    return [word[:at] + word[at + 1 :] for at, mark in enumerate(word) if mark == "'"]


_WHOLE = {short: word for word in _CONTRACTIONS.split() for short in _without_one_apostrophe(word)}
"""Contractions by what they are when people leave out an apostrophe."""


def vqa_accuracy(answer: str, given: Sequence[str]) -> float:
    """Returns how right an answer is, from 0 to 1.

    The mean over the people asked of min(n / 3, 1), n being how many of the others said the same.
    Of fewer than three people one is enough. Answers are made alike first, unless all people say
    the very same.
    """
    answer, given = _on_one_line(answer), [_on_one_line(one) for one in given]
    if len(set(given)) > 1 or len(given) < _PEOPLE:
        answer, given = made_alike(answer), [made_alike(one) for one in given]
    if len(given) < _PEOPLE:
        return float(answer in given)
    same = given.count(answer)
    others = [same - (one == answer) for one in given]
    return sum(min(count / _PEOPLE, 1.0) for count in others) / len(given)


def made_alike(answer: str) -> str:
    """Returns an answer in lower case, without articles and punctuation, numbers as digits,
    contractions whole.
    """
    words = _without_punctuation(answer).lower().split()
    kept = (_AS_DIGITS.get(word, word) for word in words if word not in _ARTICLES)
    return " ".join(_WHOLE.get(word, word) for word in kept)


def _on_one_line(text: str) -> str:
    return text.replace("\n", " ").replace("\t", " ").strip()


def _without_punctuation(text: str) -> str:
    """A mark beside a space goes, and with a comma among digits all do; others become spaces."""
    cleaned = text
    for mark in _PUNCTUATION:
        beside_space = f"{mark} " in text or f" {mark}" in text
        goes = beside_space or _DIGITS_WITH_COMMA.search(text)
        cleaned = cleaned.replace(mark, "" if goes else " ")
    return _PERIOD.sub("", cleaned)
