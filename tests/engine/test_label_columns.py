"""What a column of labels tells: its names, and how far its numbers go."""

from __future__ import annotations

from pathlib import Path

import datasets
import numpy as np
import pytest

from tests.support.collected_images import NO_LABELS, answers, collected, image_folder, png
from tests.support.tiny import CLASSES


@pytest.mark.parametrize("kind", ["npz", "csv"])
def test_the_highest_class_is_that_of_all_rows(tiny: Path, kind: str) -> None:
    image_folder(tiny.parent / "pictures", count=2)
    pictures = [f"pictures/{label}/{index}.png" for label in CLASSES for index in "01"]
    labels = [1, 2, 3, 4, 1, 2, 3, 4]
    lines = ["image,label", *(f"{it},{label}" for it, label in zip(pictures, labels, strict=True))]
    (tiny.parent / "x.csv").write_text("\n".join([*lines, "gone.png,"]))
    np.savez(tiny.parent / "x.npz", image=np.zeros((8, 4, 4, 3)), label=labels)
    source = (f"data.source=x.{kind}", "data.evaluation.split=all[:3]", NO_LABELS)
    assert collected(tiny, *source).highest_class == 4
    assert collected(tiny, *source, "data.first_label=1").highest_class == 3


def test_names_are_those_of_the_column_that_is_mapped(tiny: Path) -> None:
    features = datasets.Features(
        {
            "image": datasets.Image(),
            "coarse": datasets.ClassLabel(names=["x", "y"]),
            "fine": datasets.ClassLabel(names=["d", "c", "b", "a"]),
            "last": datasets.ClassLabel(names=["z"]),
        }
    )
    rows = [
        {"image": {"bytes": png(seed), "path": None}, "coarse": 0, "fine": seed % 4, "last": 0}
        for seed in range(8)
    ]
    datasets.Dataset.from_list(rows, features=features).to_parquet(tiny.parent / "data.parquet")
    source = ("data.source=data.parquet", "data.evaluation.split=all")
    found = collected(tiny, *source, 'data.columns={ label = "fine" }')
    assert (found.labels, found.data_labels) == (list(CLASSES), ["d", "c", "b", "a"])
    assert answers(tiny) == [3, 2, 1, 0] * 2
    assert "0 d is 3, 1 c is 2" in found.labels_taken
