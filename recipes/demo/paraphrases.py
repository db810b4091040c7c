"""Pairs of sentences that say the same in other words, or nearly the same but not quite."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace

NAMES = ("anna", "ben", "carla", "david", "emma", "felix")
# Each concept's words; of an action past tense, participle and infinitive.
ACTIONS = (
    (("gave", "given", "give"), ("handed", "handed", "hand")),
    (("lent", "lent", "lend"), ("loaned", "loaned", "loan")),
    (("sent", "sent", "send"), ("mailed", "mailed", "mail")),
)
THINGS = (
    ("book", "volume"),
    ("car", "automobile"),
    ("picture", "photo"),
    ("coat", "jacket"),
)
QUALITIES = (("old", "ancient"), ("big", "large"), ("nice", "pretty"))
TIMES = (
    ("yesterday", "one day ago"),
    ("in the morning", "before noon"),
    ("at night", "after dark"),
)
SWAPS = 0.2
"""Share of different meanings whose names are swapped."""
SPLITS = {"train": (2000, 1), "test": (1000, 2)}
"""Number of pairs and seed of each split; training itself draws from another seed."""


@dataclass(frozen=True)
class Fact:
    """Who did what to whom: two sentences mean the same when their facts are equal."""

    agent: str
    recipient: str
    action: int
    thing: int
    quality: int
    time: int
    happened: bool


def pairs(split: str) -> list[dict]:
    """Return one split of generated pairs, always the same ones; no pair is in two splits.

    Args:
        split: "train" or "test".

    Returns:
        Rows {"text", "text_pair": sentences, "label": "same" or "different"}, in equal numbers.

    Raises:
        ValueError: If there is no such split.
    """
    if split not in SPLITS:
        raise ValueError(f"unknown split {split!r}; valid splits: {', '.join(SPLITS)}")
    count, seed = SPLITS[split]
    seen = set() if split == "test" else {_texts(row) for row in pairs("test")}
    rows: list[dict] = []
    for row in generate(seed):
        if _texts(row) not in seen:
            seen.add(_texts(row))
            rows.append(row)
        if len(rows) == count:
            return rows
    raise AssertionError("the grammar has no end")


def generate(seed: int) -> Iterator[dict]:
    """Yield pairs without end, by turns of the same meaning and of another."""
    chance = random.Random(seed)
    for fact, other in facts(chance):
        yield row(fact, other, chance)


def facts(
    chance: random.Random, easy: Callable[[], float] = lambda: 0.0
) -> Iterator[tuple[Fact, Fact]]:
    """Yield a fact and what the other sentence says, by turns the same and another.

    Args:
        chance: what is drawn from.
        easy: share of others that differ in half of the respects, for a curriculum.
    """
    while True:
        fact = draw(chance)
        yield fact, fact
        if chance.random() < easy():
            yield fact, mix(fact, draw(chance), chance)
        else:
            yield fact, change(fact, chance)


def mix(one: Fact, other: Fact, chance: random.Random) -> Fact:
    """A fact that is the one in some respects, at random, and the other in the rest."""
    names = (one, other)[chance.randrange(2)]
    taken = {
        field.name: getattr((one, other)[chance.randrange(2)], field.name)
        for field in fields(Fact)
        if field.name not in ("agent", "recipient")
    }
    return Fact(agent=names.agent, recipient=names.recipient, **taken)


def row(fact: Fact, other: Fact, chance: random.Random) -> dict:
    """Two sentences with their label."""
    label = "same" if fact == other else "different"
    return {"text": say(fact, chance), "text_pair": say(other, chance), "label": label}


def draw(chance: random.Random) -> Fact:
    """A fact at random."""
    agent, recipient = chance.sample(NAMES, 2)
    kinds = (ACTIONS, THINGS, QUALITIES, TIMES)
    return Fact(
        agent, recipient, *(chance.randrange(len(kind)) for kind in kinds), chance.random() < 0.6
    )


def change(fact: Fact, chance: random.Random) -> Fact:
    """A fact that differs in one respect; often in word order or negation alone."""
    respects = ("happened", *(field.name for field in fields(Fact)))
    what = "swap" if chance.random() < SWAPS else chance.choice(respects)
    match what:
        case "swap":
            return replace(fact, agent=fact.recipient, recipient=fact.agent)
        case "happened":
            return replace(fact, happened=not fact.happened)
        case "agent" | "recipient":
            others = [name for name in NAMES if name not in (fact.agent, fact.recipient)]
            return replace(fact, **{what: chance.choice(others)})
    kinds = {"action": ACTIONS, "thing": THINGS, "quality": QUALITIES, "time": TIMES}
    others = [i for i in range(len(kinds[what])) if i != getattr(fact, what)]
    return replace(fact, **{what: chance.choice(others)})


def say(fact: Fact, chance: random.Random) -> str:
    """A sentence that says the fact: synonyms, active or passive, time first or last."""
    past, participle, infinitive = chance.choice(ACTIONS[fact.action])
    thing = f"the {chance.choice(QUALITIES[fact.quality])} {chance.choice(THINGS[fact.thing])}"
    time = chance.choice(TIMES[fact.time])
    form = chance.randrange(4)
    if form < 2:
        verb = (
            past
            if fact.happened
            else chance.choice(
                (f"did not {infinitive}", f"never {past}", f"refused to {infinitive}")
            )
        )
        rest = f"{thing} to {fact.recipient}" if form else f"{fact.recipient} {thing}"
        sentence = f"{fact.agent} {verb} {rest}"
    else:
        was = "was" if fact.happened else chance.choice(("was not", "was never"))
        subject, rest = (
            (thing, f" to {fact.recipient}") if form == 2 else (fact.recipient, f" {thing}")
        )
        sentence = f"{subject} {was} {participle}{rest} by {fact.agent}"
    return f"{time} {sentence}" if chance.random() < 0.3 else f"{sentence} {time}"


def _texts(row: dict) -> tuple[str, str]:
    return row["text"], row["text_pair"]
