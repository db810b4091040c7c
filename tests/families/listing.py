"""All families that are tried, task by task."""

from __future__ import annotations

from tests.families import pictures, speech, texts
from tests.families.family import Family

FAMILIES: tuple[Family, ...] = (
    *texts.CLASSIFIERS,
    *texts.EMBEDDERS,
    *pictures.CLASSIFIERS,
    *pictures.MATCHERS,
    *texts.WRITERS,
    *texts.SPEAKERS,
    *pictures.CAPTIONERS,
    *pictures.ANSWERERS,
    *speech.HEARERS,
)


def named(words: list[str]) -> list[Family]:
    """The families whose name, or task, is among these words; all for none."""
    lower = [word.lower() for word in words]
    return [
        family
        for family in FAMILIES
        if not lower or family.name.lower() in lower or family.task in lower
    ]
