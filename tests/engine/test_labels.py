from __future__ import annotations

import json
from pathlib import Path

import pytest

from ovtui.core import recipe as recipes
from ovtui.core.errors import SourceError
from ovtui.engine.collect import open_samples
from ovtui.engine.data.labels import Labels, agree, model_labels
from ovtui.engine.tasks.image_classification import ImageClassification

MODEL = ["dog", "cat", "frog"]


@pytest.mark.parametrize(
    ("chosen", "model", "data", "expected"),
    [
        (["x"], MODEL, ["cat", "dog"], Labels(["x"])),
        (None, MODEL, None, Labels(MODEL)),
        (None, None, ["cat", "dog"], Labels(["cat", "dog"])),
        (None, MODEL, ["cat", "dog"], Labels(MODEL, ["cat", "dog"])),
        (None, MODEL, ["dog", "cat"], Labels(MODEL)),
        (None, MODEL, ["airplane"], Labels(["airplane"])),
        (None, None, None, Labels(None)),
    ],
)
def test_whose_names_count(
    chosen: list[str] | None,
    model: list[str] | None,
    data: list[str] | None,
    expected: Labels,
) -> None:
    assert agree(chosen, model, data) == expected


def test_the_datas_index_becomes_the_models(tiny: Path) -> None:
    labels = agree(None, MODEL, ["cat", "dog"])
    task = ImageClassification(recipes.load(tiny), labels, None, None)
    assert [task.reference({"label": label}) for label in (0, 1, "frog")] == [1, 0, 2]


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
        open_samples(recipe, "evaluation", tiny.parent, references=True)
