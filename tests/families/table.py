"""The table of families: which work, and why others do not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tests.families.family import Family

HEAD = "| task | works | does not, and why |\n|---|---|---|"


class Outcome(NamedTuple):
    """What came of a family."""

    family: Family
    works: bool
    told: str


def table(outcomes: Sequence[Outcome]) -> str:
    """Markdown: a row for each task, as its families came out."""
    rows = [HEAD]
    for task in dict.fromkeys(outcome.family.task for outcome in outcomes):
        ours = [outcome for outcome in outcomes if outcome.family.task == task]
        works = ", ".join(it.family.name for it in ours if it.works)
        others = "; ".join(f"{it.family.name}: {it.told}" for it in ours if not it.works)
        rows.append(f"| `{task}` | {works} | {others.replace('|', '/')} |")
    return "\n".join(rows)
