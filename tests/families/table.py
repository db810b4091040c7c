"""The tables of families: which work, task by task, and why others do not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tests.families.family import Family

WORKS = "| task | families that work |\n|---|---|"
FAILS = "| family | task | why it does not work |\n|---|---|---|"


class Outcome(NamedTuple):
    """What came of a family."""

    family: Family
    works: bool
    told: str


def table(outcomes: Sequence[Outcome]) -> str:
    """Markdown, as README has it: a row for each task, then one for each family that fails."""
    tasks = dict.fromkeys(outcome.family.task for outcome in outcomes)
    rows = [WORKS]
    for task in tasks:
        works = (it.family.name for it in outcomes if it.works and it.family.task == task)
        rows.append(f"| `{task}` | {', '.join(works) or '–'} |")
    fails = [it for it in outcomes if not it.works]
    if fails:
        rows += ["", FAILS]
    for family, _, told in fails:
        rows.append(f"| {family.name} | `{family.task}` | {told.replace('|', '/')} |")
    return "\n".join(rows)


def named_in(text: str) -> list[tuple[str, str]]:
    """Task and name of every family in a text that holds such tables."""
    tables = text.partition(WORKS)[2]
    works, _, fails = tables.partition(FAILS)
    found = []
    for cells in _rows(works):
        names = [] if cells[1] == "–" else cells[1].split(", ")
        found += [(cells[0].strip("`"), name) for name in names]
    return found + [(cells[1].strip("`"), cells[0]) for cells in _rows(fails)]


def _rows(text: str) -> list[list[str]]:
    """Cells of a table's rows, up to the first line after it."""
    lines = text.strip("\n").splitlines()
    end = next((n for n, line in enumerate(lines) if not line.startswith("|")), len(lines))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[:end]]
