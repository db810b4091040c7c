from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.placed_recipe import placed
from ovtui.core.text.errors import SourceError
from ovtui.engine.conversion.collect import open_samples
from ovtui.engine.data.labels import Labels, agree, in_order, model_labels
from ovtui.engine.tasks.image_classification import ImageClassification

MODEL = ["dog", "cat", "frog"]
CRANES = (["a_b", "crane", "crane"], None)
"""ImageNet has a bird and a machine of one name."""


@pytest.mark.parametrize(
    ("chosen", "model", "data", "order", "expected"),
    [
        (["x"], MODEL, ["cat", "dog"], None, (["x"], None)),
        (MODEL, None, ["cat", "dog"], None, (MODEL, ["cat", "dog"])),
        (None, MODEL, None, None, (MODEL, None)),
        (None, None, ["cat", "dog"], None, (["cat", "dog"], None)),
        (None, MODEL, ["cat", "dog"], None, (MODEL, ["cat", "dog"])),
        (None, MODEL, [" CAT", "Dog"], None, (MODEL, ["cat", "dog"])),
        (None, MODEL, ["dog", "cat"], None, (MODEL, None)),
        (None, ["a_b", "crane", "crane"], ["A b", "crane", "crane"], None, CRANES),
        (None, MODEL, ["airplane"], "model", (MODEL, None)),
        (None, MODEL, None, ["frog", "Dog"], (MODEL, ["frog", "dog"])),
        (None, MODEL, ["0", "1", "2"], None, (MODEL, None)),
        (None, None, None, None, (None, None)),
    ],
)
def test_whose_names_count(
    chosen: list[str] | None,
    model: list[str] | None,
    data: list[str] | None,
    order: list[str] | str | None,
    expected: tuple[list[str] | None, list[str] | None],
) -> None:
    assert agree(chosen, model, data, order)[:2] == expected


@pytest.mark.parametrize(
    ("model", "data", "order", "told"),
    [
        (MODEL, ["yes", "no"], None, r"classes \(yes, no\) are not the model's \(dog, cat, frog\)"),
        (MODEL, ["dog", "DOG"], None, "are not the model's"),
        (MODEL, None, ["dog", "cats"], "data.label_order: 'cats' is no class of the model"),
        (None, None, ["dog"], "does not name its classes"),
    ],
)
def test_what_cannot_be_known_is_refused(
    model: list[str] | None, data: list[str] | None, order: list[str] | None, told: str
) -> None:
    with pytest.raises(SourceError, match=told):
        agree(None, model, data, order)


def test_the_mapping_is_told() -> None:
    moved = agree(None, MODEL, ["cat", "dog", "frog"])
    assert moved.taken == "by name, in another order than the data's: 0 cat is 1, 1 dog is 0"
    assert agree(None, MODEL, None).taken.endswith(
        "the model counts: 0 is dog, 1 is cat, 2 is frog"
    )


def test_folders_count_by_their_numbers() -> None:
    names = [str(number) for number in range(12)]
    assert in_order(sorted(names)) == names
    assert in_order(["b", "a", "10"]) == ["10", "a", "b"]
    unsure = in_order([f"class {number}" for number in names])
    with pytest.raises(
        SourceError, match="class 0, class 1, class 10, … or as class 0, class 1, c"
    ):
        agree(None, None, unsure, sorted_only=True)
    assert agree(None, None, unsure).model == unsure  # the order of a data set of its own


def test_the_datas_index_becomes_the_models(tiny: Path) -> None:
    labels = agree(None, MODEL, ["cat", "dog"])
    task = ImageClassification(recipes.load(tiny), labels, None, None)
    given = (0, 1, "frog", "Frog ", np.int64(1), 1.0, "1")
    assert [task.reference({"label": label}) for label in given] == [1, 0, 2, 2, 0, 0, 0]


def test_numbers_that_count_from_one(tiny: Path) -> None:
    recipe = recipes.load(tiny, ["data.first_label=1"])
    task = ImageClassification(recipe, Labels(MODEL), None, None)
    assert [task.reference({"label": label}) for label in (1, 3)] == [0, 2]
    with pytest.raises(SourceError, match="label 0: unknown, the labels are 1 to 3"):
        task.reference({"label": 0})
    counts_from_0 = ImageClassification(recipes.load(tiny), Labels(MODEL), None, None)
    with pytest.raises(SourceError, match="the labels are 0 to 2; .* give data.first_label = 1"):
        counts_from_0.reference({"label": 3})


def test_a_name_of_two_classes_is_none(tiny: Path) -> None:
    task = ImageClassification(recipes.load(tiny), Labels(CRANES[0]), None, None)
    assert [task.reference({"label": label}) for label in (2, "A-B")] == [2, 0]
    with pytest.raises(SourceError, match="'crane': several classes are called so"):
        task.reference({"label": "crane"})


def test_booleans_and_classes_that_have_only_numbers(tiny: Path) -> None:
    task = ImageClassification(recipes.load(tiny), Labels(None), None, None)
    assert [task.reference({"label": label}) for label in (True, False, "LABEL_2")] == [1, 0, 2]
    named = ImageClassification(recipes.load(tiny), Labels(["true", "false"]), None, None)
    assert [named.reference({"label": label}) for label in (True, np.False_)] == [0, 1]


def test_a_models_own_names(tmp_path: Path) -> None:
    def named(table: object) -> list[str] | None:
        (tmp_path / "config.json").write_text(json.dumps({"id2label": table}))
        return model_labels(tmp_path)

    assert named({str(n): f"c{n}" for n in range(11)}) == [f"c{n}" for n in range(11)]
    assert named({"0": "LABEL_0", "1": "LABEL_1"}) is None
    assert named(None) is None and named(["a"]) is None
    assert model_labels(None) is None and model_labels(tmp_path / "nowhere") is None


def test_a_column_name_that_the_task_does_not_know(tiny: Path) -> None:
    recipe = recipes.load(tiny, ['data.columns={ image = "image", lable = "label" }'])
    with pytest.raises(SourceError, match=r"data.columns.lable: .* did you mean 'label'"):
        open_samples(placed(recipe, tiny.parent), "evaluation", references=True)
