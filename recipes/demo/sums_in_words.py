"""Sums in words, and sentences that say the same twice: text for a language model, without end."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # for a caller that knows this file only
from paraphrases import draw, say

_UNITS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty")
LARGEST = 24
"""Of the numbers that are added."""
SENTENCES = 3
"""Before the sum that is left open."""
SPLITS = {"train": (200, 11), "test": (300, 12)}
"""Number of texts and seed of each split; training itself draws from another seed."""


def texts(split: str) -> list[dict]:
    """Return one split of generated texts, always the same ones; no text is in two splits.

    Args:
        split: "train" or "test".

    Returns:
        Rows {"text": sentences, of which the last one lacks its end, "target": that end}.

    Raises:
        ValueError: If there is no such split.
    """
    if split not in SPLITS:
        raise ValueError(f"unknown split {split!r}; valid splits: {', '.join(SPLITS)}")
    count, seed = SPLITS[split]
    seen = set() if split == "test" else {row["text"] for row in texts("test")}
    rows: list[dict] = []
    for row in generate(seed):
        if row["text"] not in seen:
            seen.add(row["text"])
            rows.append(row)
        if len(rows) == count:
            return rows
    raise AssertionError("there are sums without end")


def generate(seed: int) -> Iterator[dict]:
    """Yield rows without end."""
    chance = random.Random(seed)
    while True:
        told = [chance.choice((sum_in_words, twice_told))(chance) for _ in range(SENTENCES)]
        *last, end = sum_in_words(chance).split(" is ")
        yield {"text": " ".join([*told, *last, "is"]), "target": f" {end}"}


def sum_in_words(chance: random.Random) -> str:
    """A sum or a difference: "twelve plus nine is twenty-one."."""
    one, other = chance.randint(0, LARGEST), chance.randint(0, LARGEST)
    if chance.random() < 0.5:
        return f"{number(one)} plus {number(other)} is {number(one + other)}."
    one, other = max(one, other), min(one, other)
    return f"{number(one)} minus {number(other)} is {number(one - other)}."


def twice_told(chance: random.Random) -> str:
    """A fact, and the same one in other words."""
    fact = draw(chance)
    return f"{say(fact, chance)}, in other words {say(fact, chance)}."


def number(value: int) -> str:
    """A number below fifty in words."""
    if value < len(_UNITS):
        return _UNITS[value]
    tens, units = divmod(value, 10)
    return _TENS[tens - 2] + (f"-{_UNITS[units]}" if units else "")
