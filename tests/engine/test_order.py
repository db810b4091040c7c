"""A model whose answers are right in another order of the classes."""

from __future__ import annotations

import numpy as np

from ovtui.engine.evaluation.order import another_order

REFERENCES = np.arange(40) % 4


def test_an_order_that_explains_the_answers() -> None:
    told = another_order(((REFERENCES + 1) % 4).tolist(), REFERENCES.tolist(), "abcd".__getitem__)
    assert told is not None
    assert "right for 0% of the samples, and would be for 100%" in told
    assert "a is answered as b, b is answered as c, c is answered as d, …; data.label_order" in told


def test_answers_that_are_right_or_merely_bad() -> None:
    generator = np.random.default_rng(0)
    for answers in (
        REFERENCES,
        np.where(np.arange(40) < 15, REFERENCES, (REFERENCES + 1) % 4),
        generator.integers(0, 4, 40),
        np.zeros(40, int),
    ):
        assert another_order(answers.tolist(), REFERENCES.tolist(), str) is None
    many = np.arange(50)  # one sample of each class: any answers fit some order
    assert another_order(generator.permutation(many).tolist(), many.tolist(), str) is None
