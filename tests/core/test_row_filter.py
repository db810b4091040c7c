"""The filter of lists: what each term means, and that nothing that is typed breaks it."""

from __future__ import annotations

import pytest

from ovtui.core.runs.run_fields import KEYS, run_fields, words
from ovtui.core.runs.run_request import Heading
from ovtui.core.text.row_filter import RowFilter
from tests.support.sample_result import sample_result

FIELDS = {
    "verdict": "not enough samples",
    "drop": 0.012,
    "model": "google/bert_uncased",
    "size": 41.0 * 2**20,
    "p50": 2500.0,
    "state": "done",
    "host": None,
}
TEXTS = ["bert-mrpc", "20260131-101500-bert-mrpc-ab12", "google/bert_uncased"]


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("", True),
        ("BERT", True),
        ("bert 20260131", True),
        ("bert clip", False),
        ("!clip", True),
        ("!bert", False),
        ("model:bert", True),
        ("model:clip", False),
        ("!model:clip drop>0.01", True),
        ("drop>0.01", True),
        ("drop>1%", True),
        ("drop>=0.012", True),
        ("drop<0.012", False),
        ("drop=0.012", True),
        ("size<40MiB", False),
        ("size>40MiB", True),
        ("p50<3s", True),
        ("p50<3", False),
        ("host:x", False),
        ("!host:x", True),
        ("drop>", False),
        ('verdict:"not enough"', True),
        ("verdict:fail", False),
        ("state=done", True),
        ("state=don", False),
        ("google/bert", True),
        ("it's", False),
        ("\\", False),
        ("!", True),
    ],
)
def test_terms(text: str, passes: bool) -> None:
    assert RowFilter(text, FIELDS).passes(TEXTS, FIELDS) is passes


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("verdict:fail", ""),
        ("drp>0.1", "unknown key 'drp', did you mean 'drop'?"),
        ("drop>much", "drop> needs a number, as in drop>0.01"),
        ("drop>", ""),
        ("a:b", ""),
    ],
)
def test_what_cannot_be_meant_is_said(text: str, problem: str) -> None:
    assert RowFilter(text, FIELDS).problem == problem


@pytest.mark.parametrize(
    "text", ['"', '"open', "''", ":", "!:", ">", "a>>1", "\x1b[2J", "!!x", "=\n"]
)
def test_nothing_typed_breaks_it(text: str) -> None:
    assert RowFilter(text, FIELDS).passes(TEXTS, FIELDS) in (True, False)


def test_fields_of_a_run_are_those_that_are_told() -> None:
    heading = Heading(name="digits", device="CPU", recipe_path="/x/recipes/demo/digits.toml")
    fields = run_fields("20260131-101500-digits-ab12", heading, "done", "", sample_result())
    assert tuple(fields) == KEYS
    assert fields["drop"] == pytest.approx(0.001) and fields["size"] == 4601000.0
    assert "demo" in words("x", heading)
    assert set(run_fields("x", None, "damaged", "", None)) < set(KEYS)
