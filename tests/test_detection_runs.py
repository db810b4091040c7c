"""Runs of a detector, from pictures with boxes to a verdict on its mAP."""

from __future__ import annotations

import json
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
from tests.support.tiny_detectors import RECIPE, ROWS, write_squares

pytestmark = pytest.mark.usefixtures("forked_engines")


def test_a_detector_from_pictures_to_a_verdict(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--set", "measure.latency=true", "--set", "measure.seconds=0.2")
    result = ran(write_squares(tmp_path), capsys, *words)
    fp32, int8 = result["variants"]
    assert fp32["accuracy"]["metric"] == "map" and fp32["accuracy"]["value"] == pytest.approx(1)
    assert fp32["accuracy"]["parts"] == pytest.approx(
        {"AP50": 1.0, "AP75": 1.0, "AP small": 1.0, "AR100": 1.0}
    )
    assert int8["agreement"]["value"] == 1 and "the same objects" in int8["agreement"]["same"]
    (comparison,) = result["comparisons"]
    assert comparison["test"] == "paired bootstrap" and comparison["verdict"]
    assert result["reading"].startswith("anchor-free [4 + classes, N]")
    assert comparison["objects"]["objects"] == {"there": 24, "lost": 0, "gained": 0}
    assert comparison["objects"]["paired"] == 24 and fp32["reading"]["p50_ms"] > 0
    assert set(fp32["accuracy"]["classes"].values()) == {1.0}
    sample = next(it for it in result["samples"] if it["reference"]["objects"])
    assert sample["predictions"]["fp32"]["kind"] == sample["reference"]["kind"] == "objects"
    assert cli.main(["show", "last"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "parts AP50 1.0000, AP75 1.0000" in shown and "read as anchor-free" in shown
    assert "objects 0 lost, 0 gained of 24; scores of 24 same ones" in shown
    assert cli.main(["show", "last", "--sample", sample["id"]]) == 0
    assert "reference" in capsys.readouterr().out
    assert cli.main(["compare", "last", "--json"]) == 0
    pairs = json.loads(capsys.readouterr().out)["pairs"]
    assert pairs[0]["test"] == "paired bootstrap" and pairs[0]["count"] == 16
    row = rows_of(ROWS)[1]
    Image.fromarray(row["image"]).save(tmp_path / "one.png")
    assert cli.main(["predict", "last", "--image", str(tmp_path / "one.png")]) == 0
    assert f"1× {row['objects']['category'][0]}" in capsys.readouterr().out


def test_without_right_answers_the_baselines_objects_are_these(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_squares(tmp_path)
    rows = ROWS.replace('"objects": {"bbox": boxes, "category": labels}', "")
    (tmp_path / "rows.py").write_text(rows)
    result = ran(path, capsys, "--set", "metric=agreement-map")
    values = [variant["accuracy"]["value"] for variant in result["variants"]]
    assert values[0] == 1 and result["variants"][0]["accuracy"]["ci95"] == [1, 1]
    assert values[1] == pytest.approx(1)


def test_accuracy_control_judges_by_boxes_in_their_pictures(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = ran(write_squares(tmp_path, recipe=with_accuracy_control(RECIPE)), capsys)
    assert result["variants"][1]["accuracy"]["value"] > 0.9


def test_a_wrong_box_leaves_a_picture_out_and_is_told(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_squares(tmp_path)
    wrong = 'made[3]["objects"]["bbox"][0] = [500, 0, 4, 4]'
    (tmp_path / "rows.py").write_text(with_wrong_rows(ROWS, wrong))
    result = ran(path, capsys)
    assert result["evaluation"]["skipped"] == 1
    assert any("outside of its picture of 128x96" in it for it in result["warnings"])
