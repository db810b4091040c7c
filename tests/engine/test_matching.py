"""What the data hold against what the model takes and gives, before anything long."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.model_facts import Port
from ovtui.core.reports.wording import overview
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.extents import Extents
from ovtui.engine.data.rows import Unusable
from ovtui.engine.run.matching import check_values, classes_of
from ovtui.engine.store.stage_output import Collected
from tests.support.sample_result import sample_result


def _collected(rows: list[np.ndarray], labels: list[str] | None = None) -> Collected:
    extents = Extents()
    for number, array in enumerate(rows):
        extents.add(10 + number, [{"x": array}])
    return Collected(
        dataset="data.npz",
        split="all",
        labels=labels,
        data_labels=None,
        labels_taken="as they are",
        folder=None,
        indices=list(range(10, 10 + len(rows))),
        digests=[],
        duplicates=0,
        skipped=0,
        skipped_first=[],
        extents=extents.by_input,
    )


def _input(kind: str, table: int | None = None) -> Port:
    return Port(names=["x"], kind=kind, shape=[-1, 2], table=table)


FINE = np.array([[0, 1]])


@pytest.mark.parametrize(
    ("port", "array", "told"),
    [
        (
            _input("i64"),
            np.array([[3.0, 3.7]]),
            r"row 11: input 'x' .* \(i64\), the data gives 3.7",
        ),
        (_input("u8"), np.array([[0, 300]]), "from 0 to 255 .* gives 300"),
        (_input("u8"), np.array([[-1, 0]]), "gives -1"),
        (_input("boolean"), np.array([[0, 2]]), "from 0 to 1 .* gives 2"),
        (_input("i64", 20), np.array([[0, 25]]), "row 11: 25 is beyond the table of 20 that input"),
        (_input("i64", 20), np.array([[0, -21]]), "row 11: -21 is beyond the table"),
    ],
)
def test_values_that_an_input_cannot_take(port: Port, array: np.ndarray, told: str) -> None:
    with pytest.raises(SourceError, match=told):
        list(check_values([port], _collected([FINE, array, FINE]), pictures=False))


def test_values_that_it_takes() -> None:
    for port, array in (
        (_input("f32"), np.array([[0.5, 1e9]])),
        (_input("i64", 20), np.array([[0, 19]])),
        (_input("u8"), np.array([[0.0, 255.0]])),
    ):
        assert list(check_values([port], _collected([array]), pictures=False)) == []
    (warning,) = check_values([_input("i64", 20)], _collected([-FINE]), pictures=False)
    assert "row 10: input 'x' is -1: the model counts negative numbers from the end" in warning


def test_a_model_that_scales_pixels_itself() -> None:
    with pytest.raises(
        SourceError, match="gives 0.5; the model seems to scale pixels itself: .* 1"
    ):
        list(check_values([_input("u8")], _collected([FINE / 2]), pictures=True))


@pytest.mark.parametrize(("value", "told"), [(np.nan, "NaN"), (np.inf, "infinity")])
def test_a_row_with_numbers_that_are_none(value: float, told: str) -> None:
    extents = Extents()
    with pytest.raises(Unusable, match=f"input 'x' holds {told}"):
        extents.add(0, [{"y": FINE, "x": np.array([1, value])}])
    assert extents.by_input == {}


SCORES = Port(names=["logits"], kind="f32", shape=[-1, 3])


def test_classes_and_scores_are_equally_many(tiny: Path) -> None:
    recipe = recipes.load(tiny)
    rows = [FINE, FINE]
    found = classes_of(recipe, [SCORES], _collected(rows, ["a", "b", "c"]), [0, 2])
    assert found is not None and (found.count, found.output) == (3, "logits")
    with pytest.raises(SourceError, match="2 classes are named, .* 'logits' has 3"):
        classes_of(recipe, [SCORES], _collected(rows, ["a", "b"]), [0, 1])
    with pytest.raises(SourceError, match="row 11: class 3 is beyond .* 0 to 2; .*first_label = 1"):
        classes_of(recipe, [SCORES], _collected(rows), [1, 3])
    whole = msgspec.structs.replace(_collected(rows), highest_class=3)
    with pytest.raises(SourceError, match="data.npz: class 3 is beyond"):
        classes_of(recipe, [SCORES], whole, [1, 2])
    assert classes_of(recipe, [SCORES], _collected(rows, ["a"]), None) is not None


def test_the_mapping_is_shown() -> None:
    classes = {"count": 3, "output": "logits", "index": 0, "mapping": "by name"}
    shown = dict(overview(sample_result(classes=classes)))
    assert shown["classes"] == "3 by the scores in output logits; labels by name"
