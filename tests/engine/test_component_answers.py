"""A component whose graph is another model than its module is refused, by its name."""

from __future__ import annotations

import numpy as np
import pytest

from ovtui.core.text.errors import SourceError
from ovtui.engine.conversion.component_answers import Answers, check, largest_differences
from ovtui.engine.conversion.untouched import Said
from ovtui.engine.models.inference import difference, difference_of_numbers


def answers(*outputs: float, tokens: tuple[int, ...] = (5, 6)) -> Answers:
    return {
        "decoder": [
            ({"input_ids": np.array([[token]])}, {"logits": np.array([output, 1.0])})
            for token, output in zip(tokens, outputs, strict=True)
        ]
    }


def test_each_component_has_its_largest_difference() -> None:
    found = largest_differences(answers(0.5, 0.25), answers(0.5, 0.5))
    assert found == {"decoder": 0.25}
    check({"decoder": 0.09, "encoder": 0.0})
    with pytest.raises(SourceError, match=r"component decoder: .* by 25% .* leave decoder out"):
        check({"encoder": 0.0} | found)
    with pytest.raises(SourceError, match="in shape"):
        check({"encoder": float("inf")})


def test_what_is_no_number_is_no_rounding() -> None:
    """A maximum with NaN in it was 0: such a graph went on without a word."""
    for graph, module in ((float("nan"), 0.5), (0.5, float("nan")), (float("inf"), 0.5)):
        found = largest_differences(answers(graph, 0.5), answers(module, 0.5))
        assert found == {"decoder": float("inf")}
    with pytest.raises(SourceError, match="in what is NaN or infinite"):
        check(found)
    masked = answers(float("-inf"), float("nan"))
    assert largest_differences(masked, masked) == {"decoder": 0.0}


def test_whole_numbers_and_zeros_differ_as_numbers_do() -> None:
    one, other = np.array([100, 7]), np.array([99, 7])
    assert difference_of_numbers(one, other) == pytest.approx(1 / 99)
    assert difference(one, other) == float("inf")
    zeros = np.zeros(3, np.float32)
    assert difference_of_numbers(zeros + 1e-12, zeros) == pytest.approx(1e-3)
    assert difference_of_numbers(np.array([True]), np.array([True])) == 0


def test_calls_about_other_tokens_are_not_compared() -> None:
    found = largest_differences(answers(0.5, 0.0, tokens=(5, 7)), answers(0.5, 0.5))
    assert found == {"decoder": 0.0}


def test_a_component_that_is_called_less_often_cannot_be_taken_apart() -> None:
    expected = answers(0.5, 0.5)
    with pytest.raises(SourceError, match="decoder was called 1 times, that of PyTorch 2 times"):
        largest_differences({"decoder": expected["decoder"][:1]}, expected)


@pytest.mark.parametrize(
    ("tokens", "leads", "differs"),
    [
        ([2, 8, 9], [[0.5], [0.5]], False),  # equal
        ([2, 8, 7], [[0.5], [0.001]], False),  # the second was as likely
        ([2, 7, 7], [[0.001], [0.5]], False),  # so was the first, and another text goes on so
        ([2, 7, 9], [[0.5], [0.001]], True),
        ([2, 8, 7], [[0.0, 0.5], [0.5]], True),  # the first call reads a prompt of two
        ([7, 8, 9], [[0.001, 0.5, 0.5]], False),  # all at once, as a CTC model does
        ([7, 8, 7], [[0.001, 0.5, 0.5]], True),
        ([8, 7], [[0.5], [0.5]], True),  # without the prompt
        ([8, 9], [[0.5], [0.5]], False),
    ],
)
def test_other_tokens_count_where_they_were_not_as_likely(
    tokens: list[int], leads: list[list[float]], differs: bool
) -> None:
    said = Said(np.array([[2, 8, 9]]), [np.array(it) for it in leads])
    assert said.differs(np.array([tokens])) is differs
