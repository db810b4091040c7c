"""Runs of a segmentation model, from pictures and masks to a verdict on its mean IoU."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from ovtui import cli
from tests.support.square_pictures import (
    ran,
    rows_of,
    with_accuracy_control,
    with_wrong_rows,
)
from tests.support.tiny_segmenters import RECIPE, ROWS, write_colours

pytestmark = pytest.mark.usefixtures("forked_engines")


def test_a_segmentation_model_from_pictures_to_a_verdict(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_colours(tmp_path)
    words = ("--set", "measure.latency=true", "--set", "measure.seconds=0.2")
    result = ran(path, capsys, *words, "--set", 'also=["pixel-accuracy"]')
    fp32, int8 = result["variants"]
    assert fp32["accuracy"]["metric"] == "miou" and fp32["accuracy"]["value"] > 0.9
    assert fp32["accuracy"]["parts"]["pixel accuracy"] == fp32["also"][0]["value"]
    assert set(fp32["accuracy"]["classes"]) == {"ground", "red", "green", "blue"}
    assert int8["agreement"]["value"] == 1 and "share of their union" in int8["agreement"]["same"]
    (comparison,) = result["comparisons"]
    assert comparison["test"] == "paired bootstrap" and comparison["verdict"]
    assert result["reading"].startswith("4 scores for each pixel [classes, H, W]")
    sample = result["samples"][0]
    assert sample["input"]["size"] == [128, 96]
    assert sample["predictions"]["fp32"]["kind"] == sample["reference"]["kind"] == "mask"
    changed = [it["predictions"]["int8"]["changed"] for it in result["samples"]]
    assert changed == sorted(changed, reverse=True), "those that changed most stand first"
    assert cli.main(["show", "last"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "parts pixel accuracy" in shown and "read as 4 scores for each pixel" in shown
    assert cli.main(["show", "last", "--sample", sample["id"]]) == 0
    assert "reference ground" in " ".join(capsys.readouterr().out.split())
    Image.fromarray(rows_of(ROWS)[1]["image"]).save(tmp_path / "one.png")
    assert cli.main(["predict", "last", "--image", str(tmp_path / "one.png")]) == 0
    assert "ground 9" in capsys.readouterr().out
    assert cli.main(["report", "last", "--format", "html", "-o", str(tmp_path / "a.html")]) == 0


def test_without_right_answers_the_baselines_masks_are_these(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_colours(tmp_path)
    (tmp_path / "rows.py").write_text(ROWS.replace(', "mask": mask}', "}"))
    result = ran(path, capsys, "--set", "metric=agreement-miou")
    values = [variant["accuracy"]["value"] for variant in result["variants"]]
    assert values[0] == 1 and result["variants"][0]["accuracy"]["ci95"] == [1, 1]
    assert 0.9 < values[1] <= 1


def test_accuracy_control_judges_by_masks_of_their_pictures(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = ran(write_colours(tmp_path, recipe=with_accuracy_control(RECIPE)), capsys)
    assert result["variants"][1]["accuracy"]["value"] > 0.9


def test_wrong_masks_leave_their_pictures_out_and_are_told(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_colours(tmp_path)
    wrong = ('made[3]["mask"][0] = 77', 'made[4]["mask"] = made[4]["mask"][1:]')
    (tmp_path / "rows.py").write_text(with_wrong_rows(ROWS, *wrong))
    result = ran(path, capsys)
    assert result["evaluation"]["skipped"] == 2
    assert any("label 77: unknown, the labels are 0 to 3" in it for it in result["warnings"])


def test_ones_own_metric_reads_masks_as_arrays(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.py").write_text(
        "import numpy as np\n"
        "def right(predictions, references):\n"
        "    pairs = zip(predictions, references)\n"
        "    return [float((np.asarray(a) == np.asarray(b)).mean()) for a, b in pairs]\n"
    )
    result = ran(write_colours(tmp_path), capsys, "--set", "metric=own.py:right")
    assert 0.9 < result["variants"][0]["accuracy"]["value"] < 1
