from __future__ import annotations

import msgspec
import pytest

from ovtui.core.reports.side_by_side import comparison_table, to_text
from ovtui.core.results.speeds import Span, TextLengths
from ovtui.core.text.cells import cell_width
from tests.support.sample_result import hostile_result, sample_result

replace = msgspec.structs.replace


def test_same_machine_has_no_warnings() -> None:
    table = comparison_table([sample_result(), sample_result(run="other")])
    assert table.warnings == []
    assert [(row.run[:5], row.variant) for row in table.rows][2:4] == [
        ("20260", "int8"),
        ("other", "fp32"),
    ]


def test_what_differs_is_said() -> None:
    one = sample_result()
    other = replace(
        one,
        run="other",
        device="GPU",
        machine=replace(one.machine, host="bench-2"),
        versions={**one.versions, "nncf": "3.5.0"},
        evaluation=None,
    )
    warnings = comparison_table([one, other]).warnings
    assert [warning.split(" differ")[0] for warning in warnings] == [
        "machines", "devices", "versions", "evaluation data",
    ]  # fmt: skip
    assert "nncf 3.4.0" in warnings[2] and "openvino" not in warnings[2]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_text(width: int) -> None:
    table = comparison_table([sample_result(), hostile_result()])
    text = to_text(table, width)
    assert all(cell_width(line) <= width for line in text.split("\n"))
    assert "\x1b" not in text and "\u202e" not in text
    assert "not enough samples" in text


def test_what_texts_of_their_own_length_take_stands_in_the_rows() -> None:
    lengths = TextLengths(tokens=52.0, distinct=40, new_ms=9.0, repeated_ms=4.0)
    span = Span(p50_ms=5.0, mean_ms=5.5, p90_ms=9.0, count=100, lengths=lengths)
    result = sample_result()
    first = replace(result.variants[0], end_to_end=span)
    table = comparison_table([replace(result, variants=[first, *result.variants[1:]])])
    told = msgspec.to_builtins(table)["rows"][0]["end_to_end"]
    assert told["lengths"]["tokens"] == 52.0 and told["lengths"]["new_ms"] == 9.0


def test_no_runs() -> None:
    with pytest.raises(ValueError, match="no runs"):
        comparison_table([])


def test_a_speed_up_stands_beside_that_at_the_same_precision() -> None:
    result = sample_result()
    beside = {"same_precision_baseline": "bf16", "same_precision": "bf16 → i8"}
    last = msgspec.structs.replace(result.comparisons[1], same_precision_speedup=0.95, **beside)
    result = msgspec.structs.replace(result, comparisons=[result.comparisons[0], last])
    table = comparison_table([result])
    assert table.rows[2].same_precision_speedup == 0.95
    text = to_text(table, 120)
    assert "1 int8: 2.46× faster (f32 → i8; bf16 → i8 1.05× slower)" in text
    assert "1 bf16: 1.58× faster (f32 → bf16)" in text
