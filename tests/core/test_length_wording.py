"""Times of texts of their own length beside latency on padded ones, and the reason."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from ovtui.core.reports.length_wording import beside_padded
from ovtui.core.reports.wording import sections
from ovtui.core.results.speeds import Span, TextLengths
from ovtui.core.results.variant import Variant
from tests.support.sample_result import sample_result


def variant(
    whole_ms: float, new_ms: float, repeated_ms: float, tokens: int | None = 128, **asked: Any
) -> Variant:
    """One of latency 20 ms, and texts of 52 tokens on average: their share is 8.12 ms."""
    lengths = TextLengths(tokens=52.0, distinct=14, new_ms=new_ms, repeated_ms=repeated_ms)
    span = Span(p50_ms=whole_ms, mean_ms=whole_ms, p90_ms=whole_ms, count=40, lengths=lengths)
    int8 = next(it for it in sample_result().variants if it.name == "int8")
    assert int8.latency
    return structs.replace(
        int8,
        latency=structs.replace(int8.latency, p50_ms=20.0),
        end_to_end=span,
        execution={"shapes": {"attention_mask": [1, tokens]}, **asked},
    )


def test_new_shapes_are_the_reason_where_a_new_length_takes_longer() -> None:
    assert beside_padded(variant(25.5, 40.0, 8.5)) == (
        ", texts of 52 tokens on average; latency 20.0 ms is on 128 padded tokens, whose share by "
        "tokens is 8.12 ms: every new length is prepared for (14 lengths, a new one 40.0 ms, one "
        "seen before 8.50 ms)"
    )


def test_fixed_costs_are_the_reason_where_no_length_takes_longer() -> None:
    assert "fixed cost (14 lengths" in beside_padded(variant(25.5, 25.0, 25.0))


def test_both_are_reasons_where_a_length_seen_before_takes_more_than_its_share_too() -> None:
    said = beside_padded(variant(25.5, 40.0, 20.0))
    assert "have a fixed cost, and every new length is prepared for (14 lengths" in said


def test_no_reason_is_given_where_texts_take_their_share() -> None:
    said = beside_padded(variant(8.5, 40.0, 8.4, bucket=16))
    assert said.startswith(", texts of 52 tokens on average, padded to multiples of 16; latency")
    assert said.endswith("128 padded tokens")


@pytest.mark.parametrize("tokens", [None, 128])
def test_nothing_is_put_beside_latency_on_several_lengths(tokens: int | None) -> None:
    assert ("padded tokens" in beside_padded(variant(25.5, 40.0, 9.0, tokens))) is bool(tokens)


def test_every_report_says_it() -> None:
    result = structs.replace(sample_result(), variants=[variant(25.5, 40.0, 9.0)], comparisons=[])
    (section,) = sections(result)
    said = dict(section.findings)["end to end"]
    assert said.startswith("25.5 ms (data row to answer), texts of 52 tokens")


def test_a_bucket_is_told_also_where_it_leaves_one_length() -> None:
    padded = variant(8.5, 1.0, 1.0, bucket=16)
    assert padded.end_to_end
    span = structs.replace(padded.end_to_end, lengths=None)
    assert beside_padded(structs.replace(padded, end_to_end=span)) == ", padded to multiples of 16"
    assert beside_padded(structs.replace(padded, end_to_end=span, execution={})) == ""
