"""What is said of calibration samples before ranges are found from them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ovtui.engine.compression.calibration_doubts import constant_inputs, doubts
from ovtui.engine.data.spool import Arrays


def _pictures(count: int) -> list[Arrays]:
    generator = np.random.default_rng(0)
    return [{"x": generator.random((1, 3, 4, 4), dtype=np.float32)} for _ in range(count)]


def test_enough_different_samples_are_not_doubted() -> None:
    assert doubts(_pictures(10)) == []


def test_few_samples_are_counted() -> None:
    (few,) = doubts(_pictures(9))
    assert "from 9 samples" in few
    (asked,) = doubts(_pictures(20), 4)
    assert "from 4 samples" in asked
    (one,) = doubts(_pictures(1), 300)
    assert "from 1 sample (equal ones count once)" in one
    assert "NNCF's default is 300" in one


def test_inputs_that_never_vary_are_named() -> None:
    zeros = [{"x": np.zeros((1, 4), np.float32), "ids": np.ones((1, 4), np.int64)}] * 12
    (constant,) = doubts(zeros)
    assert "input 'x' is 0 everywhere" in constant
    assert constant_inputs([{"x": np.full((2, 2), 255, np.uint8)}]) == {"x": 255.0}


def test_one_different_value_is_enough() -> None:
    samples = [{"x": np.zeros(4, np.float32)} for _ in range(3)]
    samples[2]["x"][3] = 1
    assert constant_inputs(samples) == {}
    assert constant_inputs([{"scale": np.array([0.5], np.float32)}] * 3) == {}


def test_no_more_is_read_than_it_takes() -> None:
    def samples() -> Iterator[Arrays]:
        yield from _pictures(1)
        raise AssertionError("read on")

    assert constant_inputs(samples()) == {}
