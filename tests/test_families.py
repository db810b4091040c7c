"""The list of families that `python -m tests.families` tries; two cheap ones are tried here."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovtui.core.task import PIPELINES
from tests.families.listing import FAMILIES, named
from tests.families.table import Outcome, table
from tests.families.trial import NEAR, try_family


def test_the_table_names_every_family_once_with_why_it_does_not_work() -> None:
    pairs = [(family.task, family.name) for family in FAMILIES]
    assert len(set(pairs)) == len(pairs)
    assert {task for task, _ in pairs} >= set(PIPELINES)
    outcomes = [Outcome(family, family.name != "LED", "a | b") for family in FAMILIES]
    lines = table(outcomes).splitlines()[2:]
    assert len(lines) == len({task for task, _ in pairs})
    for task, name in pairs:
        (line,) = [line for line in lines if line.startswith(f"| `{task}` |")]
        assert name in line
    assert sum("LED: a / b" in line for line in lines) == 1


@pytest.mark.parametrize("name", ["MPNet", "wav2vec 2.0 (CTC)"])
def test_a_family_says_what_transformers_says(name: str, tmp_path: Path) -> None:
    family = named([name])[0]
    assert try_family(family, tmp_path, quantize=False).difference < NEAR
