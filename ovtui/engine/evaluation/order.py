"""Whether a model's answers are right but for the order in which the data count the classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

_LEAST = 3
"""Samples of a class that always get the same other one: fewer may be chance."""
_SHARE = 0.5
"""Of the samples that would be right in another order, where fewer than half of them are now."""
_NAMED = 3


def another_order(
    answers: Sequence[int], references: Sequence[int], name: Callable[[int], str]
) -> str | None:
    """Returns what a person is told where another order of the classes explains the answers.

    Args:
        answers: the baseline's, as class indices.
        references: the right ones.
        name: of a class.

    Returns:
        None where the answers are as right as in any order.
    """
    from scipy.optimize import linear_sum_assignment

    classes = sorted({*answers, *references})
    place = {index: position for position, index in enumerate(classes)}
    pairs = np.zeros((len(classes), len(classes)), dtype=int)
    for (reference, answer), count in Counter(zip(references, answers, strict=True)).items():
        pairs[place[reference], place[answer]] = count if count >= _LEAST else 0
    rows, columns = linear_sum_assignment(pairs, maximize=True)
    best, now = pairs[rows, columns].sum() / len(answers), np.trace(pairs) / len(answers)
    if best < _SHARE or now > best * _SHARE:
        return None
    moved = [
        f"{name(classes[row])} is answered as {name(classes[column])}"
        for row, column in zip(rows, columns, strict=True)
        if row != column and pairs[row, column]
    ]
    more = ", …" if len(moved) > _NAMED else ""
    return (
        f"the baseline is right for {now:.0%} of the samples, and would be for {best:.0%} if the "
        f"classes were in another order: {', '.join(moved[:_NAMED])}{more}; "
        "data.label_order and data.first_label say how the data count them"
    )
