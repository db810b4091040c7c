"""Which answers to texts had a length that the model had not seen."""

from __future__ import annotations

from ovtui.core.results.speeds import TextLengths
from ovtui.engine.evaluation.end_to_end import lengths_of


def test_each_length_is_new_once() -> None:
    rows, taken = [[10], [20], [10], [30]], [5.0, 50.0, 6.0, 70.0, 7.0, 8.0, 9.0, 10.0]
    assert lengths_of(rows, taken) == TextLengths(
        tokens=17.5, distinct=3, new_ms=50.0, repeated_ms=7.0
    )


def test_a_row_of_two_calls_is_new_with_either() -> None:
    assert lengths_of([[5, 5], [5, 6]], [1.0, 9.0, 2.0, 3.0]) == TextLengths(
        tokens=10.5, distinct=2, new_ms=9.0, repeated_ms=2.0
    )


def test_nothing_is_said_where_all_lengths_are_equal_or_none_came_again() -> None:
    assert lengths_of([[8], [8]], [1.0, 2.0, 3.0]) is None
    assert lengths_of([[8], [9], [10]], [1.0]) is None
    assert lengths_of([[], []], [1.0, 2.0]) is None
