"""The list of families that `python -m tests.families` tries; two cheap ones are tried here."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovtui.core.recipes.task import PIPELINES
from tests.families.listing import FAMILIES, named
from tests.families.table import Outcome, named_in, table
from tests.families.trial import NEAR, try_family

FAILING = ("LED", "BLIP")


def test_the_tables_name_every_family_once_with_why_it_does_not_work() -> None:
    pairs = [(family.task, family.name) for family in FAMILIES]
    assert len(set(pairs)) == len(pairs)
    assert {task for task, _ in pairs} >= set(PIPELINES)
    outcomes = [Outcome(family, family.name not in FAILING, "a | b") for family in FAMILIES]
    text = table(outcomes)
    assert sorted(named_in(f"before\n\n{text}\n\n| other | table |\n")) == sorted(pairs)
    assert "| LED | `text2text-generation` | a / b |" in text.splitlines()
    assert sorted(named_in(table([it for it in outcomes if it.works]))) == sorted(
        (task, name) for task, name in pairs if name not in FAILING
    )


def test_readme_names_every_family() -> None:
    text = Path(__file__).parent.parent.joinpath("README.md").read_text()
    assert sorted(named_in(text)) == sorted((family.task, family.name) for family in FAMILIES)


@pytest.mark.parametrize("name", ["MPNet", "wav2vec 2.0 (CTC)"])
def test_a_family_says_what_transformers_says(name: str, tmp_path: Path) -> None:
    family = named([name])[0]
    assert try_family(family, tmp_path, quantize=False).difference < NEAR
