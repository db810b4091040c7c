"""Variants that compression broke are named before they are evaluated, and only these."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ovtui import cli
from tests.support.tiny_detectors import RECIPE, write_squares

DEMO = Path(__file__).parents[1] / "recipes" / "demo"
LEAST = '{ statistics_type = "min", aggregator_type = "min" }'
"""A range that ends at the least of all values: everything above is cut off."""
BROKEN = f"""
[[variants]]
name = "broken"
components.model = {{ method = "quantize", advanced_parameters = {{ \
activations_range_estimator_params = {{ min = {LEAST}, max = {LEAST} }} }} }}
"""


def ran(recipe: Path, capsys: pytest.CaptureFixture[str], *settings: str) -> tuple[Any, str]:
    """Result and standard error of a run."""
    words = [word for setting in settings for word in ("--set", setting)]
    assert cli.main(["run", str(recipe), "--json", *words]) == 0
    captured = capsys.readouterr()
    return json.loads(captured.out), captured.err


def check(result: Any, errors: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whether the run named its broken variant before the evaluation, and no other one."""
    first = {it["name"]: it.get("first_agreement") for it in result["variants"]}
    assert first["fp32"] is None and first["int8"]["value"] > 0.8
    assert first["broken"]["value"] < 0.5 and first["broken"]["samples"] > 8
    assert first["broken"]["in_floating_point"] < 0.5, "compression did it, not the device"
    (warning,) = [it for it in result["warnings"] if "compression broke it" in it]
    assert warning.startswith("broken: on the first") and "To try:" in warning
    lines = errors.splitlines()
    at = next(at for at, line in enumerate(lines) if warning in line)
    assert not any(line.startswith("evaluate") for line in lines[:at])
    assert cli.main(["show", "last"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "of what the baseline says" in shown and "compression did it" in shown


def test_a_detector_that_finds_nothing_any_more(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result, errors = ran(write_squares(tmp_path, recipe=RECIPE + BROKEN), capsys)
    check(result, errors, capsys)


def test_a_pipeline_that_says_other_words(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = tmp_path / "demo"
    shutil.copytree(DEMO / "blip-digits", demo / "blip-digits")
    shutil.copy(DEMO / "digit_pictures.py", demo)
    recipe = demo / "captions.toml"
    text = (DEMO / "blip-captioning-digits.toml").read_text()
    recipe.write_text(text + BROKEN.replace("components.model", "components.vision_model"))
    words = ["calibration.samples=8", "evaluation.samples=16"]
    result, errors = ran(recipe, capsys, *(f"data.{it}" for it in words), "measure.latency=false")
    check(result, errors, capsys)
