"""Which answers to texts had a length that the model had not seen."""

from __future__ import annotations

from ovtui.core.results.speeds import TextLengths
from ovtui.engine.evaluation.end_to_end import lengths_of


def test_each_length_is_new_once() -> None:
    answered = [[10], [20], [10], [30], [20]]
    assert lengths_of([10], answered, [5.0, 50.0, 6.0, 70.0, 7.0]) == TextLengths(
        tokens=18.0, distinct=3, new_ms=50.0, repeated_ms=6.0
    )


def test_a_row_of_two_calls_is_new_with_either() -> None:
    assert lengths_of([5, 5], [[5, 5], [5, 6], [5, 5]], [1.0, 9.0, 2.0]) == TextLengths(
        tokens=31 / 3, distinct=2, new_ms=9.0, repeated_ms=1.0
    )


def test_nothing_is_said_where_all_lengths_are_equal_or_none_came_again() -> None:
    assert lengths_of([8], [[8], [8]], [1.0, 2.0]) is None
    assert lengths_of([8], [[9], [10]], [1.0, 2.0]) is None
    assert lengths_of([], [[], []], [1.0, 2.0]) is None
