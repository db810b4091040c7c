"""What a run says of its answers, beside what bare OpenVINO gives for the files that it wrote."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from tests.awkward import bare
from tests.awkward.bare import cosine
from tests.awkward.product import Ran

F32_ROUNDING, INT8_STEP = 1e-4, 0.02
"""Of the largest value of an output: sums in another order; a value at the edge of two steps."""
NEARNESS = 2e-3
"""By which cosines may differ: what one step of a value in eight makes of them."""

Rows = Sequence[dict[str, np.ndarray]]


def assert_tensors_are_bare(ran: Ran, rows: Rows) -> None:
    """Every row's answer, the metric and the nearness of a `tensors` run of at most 8 values."""
    fp32, int8 = (bare.first_outputs(ran.file(name), rows) for name in ("fp32", "int8"))
    assert len(ran.rows) == len(rows)
    for name, outputs, tolerance in (("fp32", fp32, F32_ROUNDING), ("int8", int8, INT8_STEP)):
        largest = max(float(np.abs(output).max(initial=0)) for output in outputs)
        for row, output in zip(ran.rows, outputs, strict=True):
            assert row["predictions"][name]["values"] == pytest.approx(
                output.ravel()[:8].tolist(), abs=tolerance * largest
            ), f"{name}, row {row['id']}"
    nearness = [cosine(one, other) for one, other in zip(fp32, int8, strict=True)]
    accuracy, agreement = ran.variant("int8")["accuracy"], ran.variant("int8")["agreement"]
    assert ran.variant("fp32")["accuracy"]["value"] == pytest.approx(1)
    assert accuracy["count"] == len(rows)
    assert accuracy["value"] == pytest.approx(float(np.mean(nearness)), abs=NEARNESS)
    assert agreement["cosine"] == pytest.approx(float(np.mean(nearness)), abs=NEARNESS)
    assert agreement["min_cosine"] == pytest.approx(min(nearness), abs=NEARNESS)
    same = [one.shape == other.shape for one, other in zip(fp32, int8, strict=True)]
    if all(same):
        furthest = max(float(np.abs(a - b).max()) for a, b in zip(fp32, int8, strict=True))
        largest = max(float(np.abs(output).max()) for output in fp32)
        assert agreement["max_abs_difference"] == pytest.approx(furthest, abs=INT8_STEP * largest)


def each_row(**columns: np.ndarray) -> list[dict[str, np.ndarray]]:
    """Rows as a model takes them, one at a time with a batch axis of one."""
    names, arrays = list(columns), list(columns.values())
    return [dict(zip(names, (it[None] for it in row), strict=True)) for row in zip(*arrays)]  # noqa: B905


def assert_classes_are_bare(
    ran: Ran,
    rows: Rows,
    labels: Sequence[int],
    names: Sequence[str],
    answer: Callable[[list[np.ndarray]], int] = lambda outputs: int(outputs[0].argmax()),
) -> None:
    """Every row's answer and the accuracy are what bare OpenVINO's answers make of the files.

    Args:
        ran: the run.
        rows: what its models take.
        labels: the right classes.
        names: of the classes, by the model's index.
        answer: the class that a row's outputs mean.
    """
    for variant in ("fp32", "int8"):
        answers = [answer(outputs) for outputs in bare.answers(ran.file(variant), rows)]
        told = [row["predictions"][variant]["label"] for row in ran.rows]
        assert told == [names[it] for it in answers], variant
        right = sum(it == label for it, label in zip(answers, labels, strict=True))
        assert ran.variant(variant)["accuracy"]["value"] == pytest.approx(right / len(answers))
